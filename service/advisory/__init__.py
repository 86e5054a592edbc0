"""Cases, advice and ranking as functions of their arguments (ISO 13374 AG)."""
