"""Events for the merchant: stored with what they tell, and delivered until answered."""
