"""The robot's names of pictures, and which of them are asked for."""

import pytest

from fastwam_ros.robot.topics import IMAGE_TOPICS, IMAGES, image_topics

HEAD = 'hdas/camera_head/left_raw/image_raw_color'
WRIST = 'hdas/camera_wrist_{}/color/{}'


def test_the_usual_ones_are_compressed_and_of_today():
    wrists = {side: WRIST.format(side, 'image_raw/compressed') for side in ('left', 'right')}
    assert {'head': f'{HEAD}/compressed', **wrists} == IMAGES


def test_no_two_have_one_name_or_one_role():
    assert len({topic.name for topic in IMAGE_TOPICS}) == len(IMAGE_TOPICS) == 10
    roles = {topic.role: topic.name for topic in IMAGE_TOPICS}
    assert len(roles) == 10
    assert roles['image_left_rect_raw'] == WRIST.format('left', 'image_rect_raw')
    assert roles['image_head_raw'] == HEAD


@pytest.mark.parametrize(
    ('given', 'names'),
    [
        (
            ('raw', 'compressed', 'image_raw'),
            [HEAD, *(WRIST.format(s, 'image_raw/compressed') for s in ('left', 'right'))],
        ),
        (
            ('compressed', 'raw', 'image_rect_raw'),
            [
                f'{HEAD}/compressed',
                *(WRIST.format(s, 'image_rect_raw') for s in ('left', 'right')),
            ],
        ),
        (
            ('raw', 'raw', 'either'),
            [
                HEAD,
                *(WRIST.format(s, 'image_raw') for s in ('left', 'right')),
                *(WRIST.format(s, 'image_rect_raw') for s in ('left', 'right')),
            ],
        ),
    ],
)
def test_only_what_is_asked_for_is_heard(given, names):
    assert sorted(topic.name for topic in image_topics(*given)) == sorted(names)
