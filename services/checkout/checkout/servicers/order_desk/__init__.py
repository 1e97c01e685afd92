"""The edge of the order desk."""
