"""Floor 3, `fastwam-record`: the recorder with a line of options."""
