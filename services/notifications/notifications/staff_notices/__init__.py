"""Mails to the staff: their recipients, and what each of them is told."""
