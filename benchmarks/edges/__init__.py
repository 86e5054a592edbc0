"""Edge nodes written with other libraries than ours; each runs in an environment of its own."""
