"""What buyers may do with an order after they bought, by channel."""
