"""Messages to shoppers: templates, delivery over SMTP, preferences."""
