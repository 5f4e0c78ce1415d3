"""What the tests beside other programs of ROS 2 share: the nodes' own probe and processes."""

from test.nodes.conftest import probe, processes  # noqa: F401  fixtures
