"""Health assessment (ISO 13374 HA): how far each slot has degraded, and how healthy the machine is."""
