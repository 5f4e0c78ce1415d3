"""Floor 3, command line `fastwam-bag`: what is in a recording, what is wrong, parts of it."""
