"""Prognostic assessment (ISO 13374 PA): when the part of a slot fails, how sure that is, and when to replace it."""
