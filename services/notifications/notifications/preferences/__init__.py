"""Topics that an address wants mail about, and addresses that their owners confirmed."""
