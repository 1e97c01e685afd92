"""Pictures: their store, their smaller forms, signed uploads, and fetching them safely."""
