"""What people see and do: pages, API, cases, and the monitor that draws conclusions while nobody looks."""
