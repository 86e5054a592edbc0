"""What we observe: messages turned into durable, qualified readings."""
