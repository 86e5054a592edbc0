"""What each page shows, as plain data made from plant, predictions, cases and readings: pure functions."""
