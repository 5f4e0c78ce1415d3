"""Battery, remote control and motors of the vendor's own messages, and a robot without them."""

import importlib.util

import pytest
from diagnostic_msgs.msg import DiagnosticArray

from fastwam_ros.nodes import qos
from fastwam_ros.nodes.hdas import ABSENT
from fastwam_ros.robot.topics import BATTERY, MOTORS, REMOTE
from test.nodes import runner, vendor

pytestmark = pytest.mark.alone

GATES = ('dry_run:=true', 'require_deadman:=false', 'battery_least:=20.0', 'remote:=software')


@pytest.fixture(scope='module')
def messages(tmp_path_factory):
    """hdas_msg for us and for the nodes that we start."""
    with pytest.MonkeyPatch.context() as patch:
        if not runner.REAL:
            prefix = tmp_path_factory.mktemp('vendor')
            vendor.write(prefix)
            patch.setenv('AMENT_PREFIX_PATH', str(prefix))
        elif importlib.util.find_spec('hdas_msg') is None:
            pytest.skip('hdas_msg is not built in this workspace')
        import hdas_msg.msg

        yield hdas_msg.msg


def health(probe) -> tuple[str, dict[str, str]]:
    """The executor's last word on /diagnostics, and its figures."""
    told = [m.status[0] for _, m in probe.heard['/diagnostics'] if m.status[0].name == 'executor']
    return (told[-1].message, {p.key: p.value for p in told[-1].values}) if told else ('', {})


def test_without_the_package_it_says_so_once_and_gates_nothing(probe, processes):
    if runner.REAL and importlib.util.find_spec('hdas_msg') is not None:
        pytest.skip('hdas_msg is in this workspace')
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    processes.start('executor', 'dry_run:=true', 'require_deadman:=false', label='plain')
    assert probe.until(lambda: ABSENT in processes.said('plain'), 20.0)
    told = probe.until(lambda: health(probe)[1].get('hdas') == ABSENT, 10.0, probe.feedback)
    assert told, health(probe)
    probe.engage(probe.feedback)
    assert processes.said('plain').count(ABSENT) == 1
    processes.end()


class Vendor:
    """The robot's own words, told with its feedback."""

    def __init__(self, probe, messages) -> None:
        self._probe, self._messages = probe, messages
        self.percent, self.mode, self.errors = 87.0, 5, []

    def play(self) -> None:
        of, probe = self._messages, self._probe
        probe.feedback()
        bms = of.Bms(voltage=48.0, current=-3.0, capital=self.percent)
        probe.speak(of.Bms, BATTERY).publish(bms)
        remote = of.ControllerSignalStamped(data=of.ControllerSignal(mode=self.mode))
        probe.speak(of.ControllerSignalStamped, REMOTE).publish(remote)
        errors = [
            of.FeedbackStatusDetail(name=name, error_code=code, error_description=[words])
            for name, code, words in self.errors
        ]
        status = of.FeedbackStatus(name_id='arm_right', errors=errors)
        probe.speak(of.FeedbackStatus, MOTORS['arm_right']).publish(status)


@pytest.fixture(scope='module')
def robot(probe, processes, messages):
    probe.hear(DiagnosticArray, '/diagnostics', qos.REQUESTS)
    processes.start('executor', *GATES)
    assert probe.until(lambda: 'executor at' in processes.said('executor'), 20.0)
    assert ABSENT not in processes.said('executor')
    return Vendor(probe, messages)


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'percent': 12.5}, 'the battery is at 12.5 %, battery_least is 20: charge it'),
        ({'mode': 2}, 'the remote control is in mode 2 (brake), remote is software'),
        ({'errors': [('joint4', 33, 'over current')]}, 'joint4 has error 33: over current'),
    ],
    ids=['battery', 'remote', 'motor'],
)
def test_engage_is_refused_in_the_robot_s_words(robot, probe, wrong, words):
    usual = dict(vars(robot))
    vars(robot).update(wrong)
    probe.listen(0.5, robot.play)
    answer = probe.answer('engage', robot.play)
    assert answer.startswith('engage is refused: ') and words in answer
    assert probe.until(lambda: words in health(probe)[0], 5.0, robot.play), health(probe)
    vars(robot).update(usual)


def test_a_sound_robot_is_engaged_and_its_figures_are_told(robot, probe):
    probe.listen(0.5, robot.play)
    probe.engage(robot.play)
    assert probe.until(lambda: health(probe)[1].get('motor errors') == 'none', 5.0, robot.play)
    figures = health(probe)[1]
    assert figures['battery'] == '87 %, 48.0 V, -3.0 A'
    assert figures['remote control'] == '5 (software)'
    robot.percent = 1.0  # told, and no reason to let arms sink
    assert probe.until(lambda: 'at 1.0 %' in health(probe)[0], 5.0, robot.play)
    assert probe.mode == 'HOLD'
