"""Exports of orders as CSV, and their journal for bookkeeping."""
