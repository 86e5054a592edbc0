"""From closed windows of readings to the features that models see, the same for history and for live data."""
