"""HTTP: requests, forms, cookies, pages and static files."""
