"""Answers for search engines and shopping services, and short links."""
