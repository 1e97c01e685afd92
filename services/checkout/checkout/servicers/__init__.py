"""The gRPC edges: decode, authorize, ask peers, open the transaction, call a use case, encode."""
