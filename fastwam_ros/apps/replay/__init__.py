"""Floor 3, `fastwam-replay`: what a checkpoint would have done in a recording, without ROS."""
