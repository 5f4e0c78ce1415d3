"""Floor 3: command lines without ROS, over everything below."""
