"""Endpoints of payments, challenges and the operator, and their middleware."""
