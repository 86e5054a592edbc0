"""Records in SQL: one file per noun; SQLite embedded, PostgreSQL by URL."""
