"""The gRPC edges: decode, authorize, ask peers, open a transaction, call a use case, encode."""
