"""The kernel that every Sojourn service runs on. It holds no commerce."""

import os

# gRPC's own log lines are not JSON and name peers; what matters of them shows in our metrics and
# errors.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
