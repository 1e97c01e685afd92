"""VAT ids of buyers: their format, and what the authorities say of them."""
