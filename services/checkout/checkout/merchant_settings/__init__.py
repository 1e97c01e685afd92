"""Settings that staff keep by code, written with an audit row and followed by processes."""
