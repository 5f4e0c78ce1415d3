"""Floor 1, the Galaxea R1 Lite as data: joints, limits, tracker, topics and units; it knows no ROS and no model."""
