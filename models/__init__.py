"""What is concluded from readings: the state of a machine, its health, when its parts fail and what to do."""
