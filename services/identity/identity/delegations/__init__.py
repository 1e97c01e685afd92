"""Staff who act in the place of a shopper: at the till, or on the phone."""
