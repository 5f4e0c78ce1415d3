"""A stand-in for the part of rclpy that the fastwam_ros nodes use. It is not ROS 2.

Knows the ROS 2 wire (Cyclone DDS, CDR, the names of topics and types) and what rclpy does with
it. Refuses to know robots and models, and to start beside a real rclpy.
"""

__version__ = '0.1.0'
