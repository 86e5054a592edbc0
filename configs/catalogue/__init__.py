"""What kinds of machines and parts there are: one TOML file an equipment type, each figure with its source."""
