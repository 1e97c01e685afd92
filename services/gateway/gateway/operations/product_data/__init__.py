"""Tables of endpoints of what belongs to products: attributes, bundles, pictures."""
