"""What stands in front of a remote store: messages are durable here before they are acknowledged."""
