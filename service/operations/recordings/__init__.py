"""Recorded data sets as tracks of readings: one module a format."""
