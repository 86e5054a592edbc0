"""How the program tells how it is: logs, metrics, readiness."""
