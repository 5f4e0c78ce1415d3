"""Floor 3, command line `fastwam-bag`: what is in a recording, what is wrong with it, parts of it."""
