"""Running triage's statements: rows in, domain objects out. Decides nothing and opens no transaction."""
