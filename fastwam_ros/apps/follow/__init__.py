"""How a person's hand is followed: how late, how far beyond, how smoothly."""
