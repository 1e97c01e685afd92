"""Logins: by a password or by the link of a mail, and limits of failed ones."""
