"""Vaults: what payment providers keep of their customers' instruments, to charge them again."""
