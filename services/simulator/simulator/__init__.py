"""A payment provider with a durable ledger that misbehaves on demand."""
