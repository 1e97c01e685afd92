"""Store credit of customers: a gift card without a code that only its owner pays with."""
