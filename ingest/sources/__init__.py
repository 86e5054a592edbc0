"""Where messages and files of readings come from, one module per protocol or format."""
