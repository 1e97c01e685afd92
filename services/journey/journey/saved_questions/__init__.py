"""Saved questions: a kind of question and its parameters, which staff keep under a slug."""
