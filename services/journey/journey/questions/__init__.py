"""Questions of analysts: folds over batches of whole people, whichever store has them."""
