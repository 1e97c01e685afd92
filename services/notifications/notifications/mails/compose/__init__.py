"""Events of other services to mails."""
