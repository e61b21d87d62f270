"""Finding what was said: the same on SQLite and PostgreSQL, because words are made here before either sees them."""
