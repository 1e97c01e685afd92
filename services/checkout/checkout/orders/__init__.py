"""Orders: reads, history and cancellation. `checkout.placing` places them."""
