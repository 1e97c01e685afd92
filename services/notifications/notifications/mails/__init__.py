"""Mails: queueing, listing, redriving and erasing them."""
