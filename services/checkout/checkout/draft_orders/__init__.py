"""Draft orders: checkouts that staff saved, and links with which buyers pay them."""
