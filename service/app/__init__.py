"""Builds the running program from its settings, stage by stage, and takes it down in reverse."""
