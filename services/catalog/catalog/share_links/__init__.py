"""Short links to products, categories and pages, with a campaign."""
