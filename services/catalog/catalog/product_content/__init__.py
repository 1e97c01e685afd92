"""Rich texts and pictures of products."""
