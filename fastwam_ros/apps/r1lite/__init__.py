"""What is done at a Galaxea R1 Lite once: a first look at it, and figures taken from it."""
