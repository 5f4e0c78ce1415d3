"""Floor 3, `fastwam-bag`: what is in a recording, what is wrong with it, parts of it."""
