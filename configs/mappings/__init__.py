"""Ready-made mappings of JSON that other programs publish: one data file each, named as `like` names it."""
