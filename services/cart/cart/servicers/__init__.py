"""The gRPC edges: decode, authorize, ask catalog, open the transaction, call an action, encode."""
