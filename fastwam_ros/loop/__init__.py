"""Floor 2, observation to chunk to setpoints: what nodes and replay run alike; no ROS in it."""
