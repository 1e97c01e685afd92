"""The gRPC edges of identity."""
