"""Floor 3, ROS 2 shells around the loop: the only place that knows rclpy, topics and clocks."""
