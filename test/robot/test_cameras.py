"""The cameras' pinholes against the published fields of view."""

import math

import pytest

from fastwam_ros.robot.cameras import CAMERAS


def test_the_head_sees_as_wide_as_published():
    head = CAMERAS['head']
    wide = 2.0 * math.degrees(math.atan(head.width / 2.0 / head.focal))
    assert wide == pytest.approx(106.09, abs=0.1)  # square pixels join both published angles


@pytest.mark.parametrize('camera', CAMERAS.values(), ids=CAMERAS)
def test_edges_of_the_field_of_view_are_edges_of_the_picture(camera):
    assert camera.project(0.0, 0.0, 2.0) == (camera.width / 2, camera.height / 2)
    down = math.tan(camera.fovy / 2.0)
    assert camera.project(0.0, 3.0 * down, 3.0) == pytest.approx((camera.width / 2, camera.height))
    u, v = camera.project(0.1, -0.1, 1.0)
    assert u > camera.width / 2  # x points right, y down
    assert v < camera.height / 2


@pytest.mark.parametrize('z', [0.0, -1.0])
def test_no_pixel_shows_what_is_behind(z):
    with pytest.raises(ValueError, match='behind camera left'):
        CAMERAS['left'].project(0.1, 0.1, z)
