"""Legal entities of a shop: who sells, and how its documents are numbered."""
