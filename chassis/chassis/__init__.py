"""What every Sojourn service runs on; no commerce in it."""
