"""The services' contracts as the API shows them: models, schemas, examples and JSON."""
