"""`make bench`: what each part of the loop costs on this machine, see `bench.loop`.

`wam` as first word: the model alone, at several sizes, see `bench.wam`; it needs torch, diffusers
and nothing of a robot, so that it runs where only a GPU is. `recorder`: what recording costs.
`replay`: how fast a long recording is replayed, and in how much memory.
"""

import sys

if __name__ == '__main__':
    if sys.argv[1:2] == ['wam']:
        from fastwam_ros.apps.bench import wam

        wam.main(sys.argv[2:])
    elif sys.argv[1:2] == ['recorder']:
        from fastwam_ros.apps.bench import recorder

        recorder.main(sys.argv[2:])
    elif sys.argv[1:2] == ['replay']:
        from fastwam_ros.apps.bench import replay

        replay.main(sys.argv[2:])
    else:
        from fastwam_ros.apps.bench import loop

        loop.main(sys.argv[1:])
