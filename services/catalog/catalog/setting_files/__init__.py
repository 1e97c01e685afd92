"""Settings as records of files: how each kind is exported, and stored again."""
