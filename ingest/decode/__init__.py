"""From bytes to readings, or to a rejection that says why not; one module per wire format."""
