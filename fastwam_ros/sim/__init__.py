"""Floor 2, a Galaxea R1 Lite in MuJoCo with a table before it; imports robot/ only, no ROS."""
