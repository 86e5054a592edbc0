"""The checks V1 to V16 of the simulated factory, one group of questions a file."""
