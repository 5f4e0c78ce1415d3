"""`make explain`: the pictures of docs/executor.md and docs/model.md, from the code itself.

`python -m fastwam_ros.apps.explain --out docs` writes them in a few seconds. What they show is
what executor and masks do: a change of it is seen in them.
"""

import argparse
from pathlib import Path

from fastwam_ros.apps.explain import diagram, model, motion
from fastwam_ros.apps.explain.story import play
from fastwam_ros.apps.files import writing

MOTION, AUTHORITY, MODEL = 'executor_motion.png', 'executor_authority.png', 'model.png'


def main() -> None:
    """Play the story, draw, write."""
    ask = argparse.ArgumentParser(
        'python -m fastwam_ros.apps.explain', description=__doc__.splitlines()[0]
    )
    ask.add_argument('--out', type=Path, default=Path('out'), help='folder for the pictures (out)')
    out = ask.parse_args().out
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        motion.draw(play(), out / MOTION)
        diagram.draw(out / AUTHORITY)
        model.draw(out / MODEL)
    print(*(out / name for name in (MOTION, AUTHORITY, MODEL)), sep='\n')


if __name__ == '__main__':
    main()
