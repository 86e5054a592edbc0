"""Where readings are kept, one adapter per engine."""
