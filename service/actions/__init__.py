"""What changes something for a user: load, decide, save, queue; one transaction each."""
