"""What each kind of machine does and how its wear shows in its sensors: one module per equipment type."""
