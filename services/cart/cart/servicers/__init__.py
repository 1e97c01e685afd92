"""The gRPC edges: decode, authorize, ask catalog, open the transaction, act, encode."""
