"""Floor 1, plans to commands: bounded motion from action chunks; it knows no model and no ROS."""
