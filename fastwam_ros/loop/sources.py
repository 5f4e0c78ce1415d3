"""Which of several topics a camera is taken from: the first that sends, until it falls silent.

Robots call their wrist cameras differently, and somebody who hears every name must not mix two
streams. Time is an argument.
"""

from fastwam_ros.robot.topics import ImageTopic


class Sources:
    """One topic per camera at a time."""

    def __init__(self, patience: float) -> None:
        """patience [s]: a topic that is silent for longer gives way to another."""
        self._patience = patience
        self._taken: dict[str, tuple[ImageTopic, float]] = {}

    def takes(self, topic: ImageTopic, now: float) -> bool:
        """Whether a picture that came on a topic at `now` [s] is one of its camera's."""
        taken, last = self._taken.get(topic.camera, (topic, now))
        if taken != topic and 0.0 <= now - last <= self._patience:
            return False
        self._taken[topic.camera] = topic, now
        return True

    def of(self, camera: str) -> ImageTopic | None:
        """Where it is taken from; None before its first picture."""
        return self._taken[camera][0] if camera in self._taken else None
