"""Payments by Stripe: PaymentIntents that are captured by hand, refunds and webhooks."""
