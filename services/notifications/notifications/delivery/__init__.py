"""Delivery of queued mails: rendering, MIME and the mail server."""
