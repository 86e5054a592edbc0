"""The loop from a message to its durable readings: decode, check, commit, acknowledge."""
