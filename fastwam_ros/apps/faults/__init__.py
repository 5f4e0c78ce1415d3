"""What the arms do when processes die or stall, and messages are lost."""
