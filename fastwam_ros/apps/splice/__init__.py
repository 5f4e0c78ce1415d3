"""How chunks are joined into motion: this executor beside other methods, on the same chunks."""
