"""Bank transfers: lines of bank statements that settle the payments of orders."""
