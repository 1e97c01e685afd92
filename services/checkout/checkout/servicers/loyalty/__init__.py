"""The gRPC edge of loyalty points."""
