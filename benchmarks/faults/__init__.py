"""Intake under faults: a process that can be made to fail at a point, and what judges the data afterwards."""
