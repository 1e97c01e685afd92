"""Changes of placed orders before they ship."""
