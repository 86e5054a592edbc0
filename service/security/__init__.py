"""Who may come in and what they may do: people, sessions, one-time links, API keys, rights."""
