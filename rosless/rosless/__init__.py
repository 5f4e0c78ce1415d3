"""A stand-in for a part of rclpy, where there is no ROS 2. It is not ROS 2.

Knows the ROS 2 wire (Cyclone DDS, CDR, the names of topics and types) and what rclpy does with
it. Refuses to know robots and models, and to start beside a real rclpy.
"""

__version__ = '0.2.0'


def pytest_load_initial_conftests() -> None:
    """`pytest -p rosless`: from here on tests and their conftest.py may `import rclpy`."""
    from rosless import stage

    stage.set_up()


def pytest_report_header() -> str:
    """What rclpy is in this run."""
    return f'rosless {__version__}: rclpy is a stand-in, not ROS 2'
