"""All touchpoints, wherever they are kept, as columns of whole people."""
