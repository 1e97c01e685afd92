"""Parts of product pages that stand beside the product: its rating and related products."""
