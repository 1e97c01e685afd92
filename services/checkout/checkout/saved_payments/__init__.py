"""Payment methods that customers keep at a provider, to pay with them again."""
