"""How well search finds: queries made from a catalogue, and what became of them."""
