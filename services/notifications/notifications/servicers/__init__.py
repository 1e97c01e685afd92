"""The gRPC edges."""
