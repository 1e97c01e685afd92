"""Digital goods: files and licence keys, which buyers get with their payment."""
