"""A camera is taken from one topic at a time."""

from fastwam_ros.loop.sources import Sources
from fastwam_ros.robot.topics import ImageTopic

TODAY, FORMER = ImageTopic('left'), ImageTopic('left', former=True)


def test_the_first_that_sends_is_taken_and_another_only_after_its_silence():
    sources = Sources(1.0)
    assert sources.of('left') is None
    assert sources.takes(FORMER, 10.0)
    assert sources.of('left') == FORMER
    assert not sources.takes(TODAY, 10.1)
    assert sources.takes(FORMER, 11.0)
    assert not sources.takes(TODAY, 11.9)
    assert sources.takes(TODAY, 12.1)
    assert not sources.takes(FORMER, 12.2)
    assert sources.of('left') == TODAY


def test_cameras_do_not_share_it_and_a_clock_that_goes_back_begins_anew():
    sources = Sources(1.0)
    assert sources.takes(FORMER, 10.0)
    assert sources.takes(ImageTopic('right'), 10.0)
    assert sources.takes(TODAY, 3.0)
