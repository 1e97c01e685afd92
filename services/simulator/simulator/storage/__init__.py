"""The SQLite file: connections, schema, and stored answers."""
