"""The edge of payments: what customers save."""
