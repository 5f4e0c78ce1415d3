"""Floor 2, recordings and arrays: mcap files in ROS 2's profile. Knows the robot, no ROS."""
