"""Secret links by which mails lead to documents of orders."""
