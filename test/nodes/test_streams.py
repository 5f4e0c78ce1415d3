"""What is recorded of our own programs and of the robot is what streams are made of."""

from fastwam_ros.nodes.streams import streams
from fastwam_ros.robot.roles import ROLES


def test_every_stream_has_its_role_by_the_same_name_and_type():
    made = {
        stream.role: (
            stream.topic,
            f'{stream.kind.__module__.split(".")[0]}/msg/{stream.kind.__name__}',
        )
        for stream in streams()
    }
    assert made == {role: tuple(played) for role, played in ROLES.items()}
