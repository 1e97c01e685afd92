"""Files of documents, from their content."""
