"""Measurements against the quality bars: `python -m benchmarks NAME [--data DIR] [--json FILE]`."""
