"""Orders as staff look for them and work on them: search, tags, holds, notes and timelines."""
