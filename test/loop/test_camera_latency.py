"""Cameras whose latency nobody knows, before walls that are drawn: found, or not seen."""

import numpy as np
import pytest

from fastwam_ros.loop.camera_latency import latency
from fastwam_ros.loop.drill import Drill
from fastwam_ros.loop.film import Film
from fastwam_ros.loop.identification import path
from fastwam_ros.loop.pictures import GLIMPSE
from test.loop.drilled import Hidden, Robot
from test.loop.wallpaper import Wallpaper


def filmed(seed: int, look, joints=(0, 4)) -> tuple[Robot, Drill, Hidden]:
    truth = Hidden.drawn(np.random.default_rng(seed))
    robot = Robot(truth, seed, look=look)
    robot.engage()
    drill = Drill(joints, 0.15)
    robot.run(drill)
    return robot, drill, truth


def found(robot: Robot, drill: Drill) -> dict:
    paths = [path(robot.heard, *move) for move in drill.log.moves]
    return {camera: latency(film, paths) for camera, film in robot.heard.films.items()}


@pytest.mark.parametrize('seed', range(600, 604))
def test_latencies_are_found_within_the_errors_that_are_stated(seed):
    robot, drill, truth = filmed(seed, Wallpaper(seed))
    figures = found(robot, drill)
    for camera in ('head', 'left'):
        figure = figures[camera]
        assert figure is not None
        assert figure.agrees(truth.latencies[camera]), (camera, str(figure), truth.latencies)
        assert figure.uncertainty < 0.01
    assert figures['right'] is None  # its arm stood still


class Passing(Wallpaper):
    """Somebody walks to and fro before all cameras."""

    def __call__(self, camera, arms):
        seen = super().__call__(camera, arms)
        self.count = getattr(self, 'count', 0) + 1
        at = int(16 + 12 * np.sin(self.count / 14.0))
        seen[2:16, at - 3 : at + 3] = 200
        return seen


def test_where_something_else_moves_there_is_no_figure():
    robot, drill, _ = filmed(604, Passing(604))
    assert set(found(robot, drill).values()) == {None}


def test_a_camera_that_is_frozen_sees_nothing():
    still = np.arange(GLIMPSE[0] * GLIMPSE[1], dtype=np.uint8).reshape(GLIMPSE)
    robot, drill, _ = filmed(605, lambda camera, arms: still, joints=(0,))
    assert set(found(robot, drill).values()) == {None}


def test_light_that_changes_changes_no_picture_and_stamps_are_in_order():
    film = Film()
    picture = np.random.default_rng(0).integers(20, 120, GLIMPSE, np.uint8)
    film.take(3.0, 2_000_000_000, 2 * picture)
    film.take(3.5, 1_000_000_000, picture)
    stamps, rows = film.between(0.0, 5.0)
    assert stamps.tolist() == [1.0, 2.0]
    assert rows[0] == pytest.approx(rows[1], abs=1e-5)
    assert film.age == 1.0
    assert len(film.between(3.0, 5.0)[0]) == 0
