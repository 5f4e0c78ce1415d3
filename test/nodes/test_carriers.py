"""Torso and chassis through the executor's process: a person's speeds in, the robot's out."""

import signal
import time

import pytest
from geometry_msgs.msg import Twist, TwistStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.messages import joint_state, time_message
from fastwam_ros.robot import topics
from fastwam_ros.robot.carriers import CHASSIS, CHASSIS_ACCELERATION, PLAIN, TORSO
from fastwam_ros.robot.joints import NAMES_OF

pytestmark = pytest.mark.alone

ARM = (0.0, 1.2, -1.55, 0.9, 0.0, 0.0)  # where the probe's arms are
BOTH = ('require_deadman:=false', 'torso:=true', 'chassis:=true')


class Driver:
    """A person who holds the arms and two sticks; the robot's feedback comes with it."""

    def __init__(self, probe) -> None:
        self.probe, self.held, self.ahead, self.up = probe, False, 0.0, 0.0

    def __call__(self) -> None:
        probe = self.probe
        probe.feedback()
        probe.active.publish(Bool(data=self.held))
        for side, names in NAMES_OF.items():
            target = joint_state(probe.now(), names, ARM)
            probe.speak(JointState, topics.TELEOP_ARM[side]).publish(target)
        for carrier, field, speed in ((CHASSIS, 'x', self.ahead), (TORSO, 'z', self.up)):
            message = TwistStamped()
            message.header.stamp = time_message(probe.now())
            setattr(message.twist.linear, field, speed)
            probe.speak(TwistStamped, carrier.asked).publish(message)

    def take(self) -> None:
        """Engage and take over."""
        probe = self.probe
        assert probe.until(lambda: probe.state is not None, 20.0)
        probe.listen(0.3, self)
        probe.engage(self)
        assert probe.until(lambda: probe.mode == 'HOLD', 5.0, self)
        self.held = True
        assert probe.until(lambda: probe.mode == 'TELEOP', 5.0, self)
        probe.listen(0.1, self)


@pytest.fixture
def start(probe, processes):
    """Starts an executor that is heard on the carriers' topics; its driver."""

    def started(*arguments: str, kind: type = TwistStamped) -> Driver:
        probe.forget()
        for topic in (CHASSIS.target, CHASSIS_ACCELERATION):
            probe.hear(kind, topic, qos.REQUESTS)
        probe.hear(TwistStamped, TORSO.target, qos.REQUESTS)
        processes.start('executor', *arguments, *BOTH, label='rides')
        return Driver(probe)

    yield started
    processes.end()


def speeds(probe, carrier=CHASSIS, field: str = 'x') -> list[float]:
    twists = [getattr(m, 'twist', m) for _, m in probe.heard[carrier.target]]
    return [getattr(twist.linear, field) for twist in twists]


def test_a_person_drives_both_and_every_ride_ends_in_zeros(start, probe):
    driver = start('dry_run:=false')
    driver.take()
    assert not speeds(probe) and not speeds(probe, TORSO, 'z')  # nobody asked for anything
    driver.ahead, driver.up = 0.2, -0.05
    moving = probe.until(
        lambda: 0.2 in speeds(probe) and -0.05 in speeds(probe, TORSO, 'z'), 5.0, driver
    )
    assert moving, speeds(probe)[-3:]
    message = probe.heard[CHASSIS.target][-1][1]
    assert message.header.frame_id == 'base_link'
    assert probe.heard[CHASSIS_ACCELERATION][-1][1].twist.linear.x == 1.0
    driver.held = False  # lets the arms go, still pushes the sticks
    assert probe.until(lambda: probe.mode == 'HOLD', 5.0, driver)
    ended = probe.until(lambda: speeds(probe)[-50:] == [0.0] * 50, 5.0, driver)
    assert ended and speeds(probe, TORSO, 'z')[-50:] == [0.0] * 50
    probe.listen(0.3, driver)
    count = len(speeds(probe))
    probe.listen(0.5, driver)
    assert len(speeds(probe)) == count  # and then nothing


@pytest.mark.parametrize('signals', [1, 2])
def test_the_last_word_is_zero_however_the_process_ends(start, probe, processes, signals):
    """One signal brakes first, a second one ends at once."""
    driver = start('dry_run:=false')
    driver.take()
    driver.ahead = 0.3
    assert probe.until(lambda: 0.3 in speeds(probe), 5.0, driver)
    process = processes.running['rides']
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        probe.listen(0.55, driver)  # nearer to each other they count as one
    assert probe.until(lambda: process.poll() is not None, 10.0, driver)
    assert process.returncode == 0
    probe.listen(0.2)
    told = speeds(probe)
    zeros = len(told) - max(k for k, speed in enumerate(told) if speed) - 1
    assert told[-1] == 0.0
    assert (zeros > 80) == (signals == 1), zeros  # 100 of them after it has braked


def test_somebody_else_on_the_chassis_ends_the_ride(start, probe):
    driver = start('dry_run:=false')
    driver.take()
    driver.ahead = 0.2
    assert probe.until(lambda: 0.2 in speeds(probe), 5.0, driver)

    def beside() -> None:
        driver()
        message = TwistStamped()
        message.header.stamp = time_message(time.time_ns())
        message.twist.angular.z = 0.1
        probe.speak(TwistStamped, CHASSIS.target).publish(message)

    def own() -> list[float]:
        heard = probe.heard[CHASSIS.target][-100:]
        return [m.twist.linear.x for _, m in heard if not m.twist.angular.z]

    assert probe.until(lambda: own()[-5:] == [0.0] * 5, 5.0, beside)
    assert probe.mode == 'TELEOP'  # the arms are the person's as before


def test_a_robot_that_wants_plain_twists_gets_them(start, probe):
    driver = start('dry_run:=false', f'chassis_message:={PLAIN}', kind=Twist)
    driver.take()
    driver.ahead = 0.1
    assert probe.until(lambda: 0.1 in speeds(probe), 5.0, driver)


def test_a_dry_run_tells_the_robot_nothing(start, probe):
    driver = start('dry_run:=true')
    driver.take()
    driver.ahead = driver.up = 0.2
    probe.listen(1.0, driver)
    assert not speeds(probe) and not speeds(probe, TORSO, 'z')
