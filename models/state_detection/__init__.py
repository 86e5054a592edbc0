"""State detection (ISO 13374 SD): the machine's own baseline, novelty against it, limits, and when a state is abnormal."""
