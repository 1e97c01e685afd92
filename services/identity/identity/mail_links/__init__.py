"""Links in mails, and limits on how often an address is mailed one."""
