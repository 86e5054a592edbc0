"""A picture of a simulated history for an engineer: one HTML file that needs nothing beside it."""
