"""The edges of documents and of the legal entities that issue them."""
