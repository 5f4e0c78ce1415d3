"""Floor 1, the Galaxea R1 Lite as data: joints, limits, tracker, topics, units; no ROS in it."""
