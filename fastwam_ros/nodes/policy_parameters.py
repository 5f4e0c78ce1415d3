"""What a person may set of a policy, for one robot or for several."""

from dataclasses import dataclass

from fastwam_ros.nodes import parameters
from fastwam_ros.wam.choice import AUTO, KERNELS
from fastwam_ros.wam.device import CPU
from fastwam_ros.wam.eight_bits import FULL, PRECISIONS
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.prefix import IDENTITY, METHODS, OFF


@dataclass(frozen=True)
class Parameters:
    """bundle: folder of the checkpoint; task: '' for its first one; threads of torch on a CPU.

    device: torch's name of it; seeds: samples per chunk, whose spread is its disagreement; of one
    alone that of its last steps is.
    max_rate [Hz] of chunks, so that a fast model starves nobody; max_skew [s] between the pictures
    of one observation; frame_interval [s]: least time between two pictures of one camera. always:
    infer in whatever mode the executor is, and without one; lossless: ask the publishers of
    cameras and feedback for what was lost, which a recording's player gives and a robot does not.
    encoder, tokenizer: where instructions that the bundle lacks are encoded by, see `apps.encode`;
    '' for nowhere. rtc: whether a chunk is led to begin with what the arms are committed to
    (real-time chunking), and with which Jacobian. precision: of the model's weights; kernels:
    what computes its layers, auto: our own where they are seen to agree with torch's at the start.
    """

    bundle: str
    task: str = ''
    threads: int = parameters.within(1, 1, 256)
    device: str = CPU
    seeds: int = parameters.within(1, 1, 64)
    max_rate: float = parameters.within(5.0, 0.001, 1000.0, 'Hz')
    max_skew: float = parameters.within(0.05, 0.0, 1.0, 's')
    frame_interval: float = parameters.within(0.02, 0.0, 1.0, 's')
    always: bool = False
    lossless: bool = False
    encoder: str = ''
    tokenizer: str = ''
    rtc: str = parameters.one_of(OFF, METHODS)
    precision: str = parameters.one_of(FULL, PRECISIONS)
    kernels: str = parameters.one_of(AUTO, KERNELS)


def loaded(given: Parameters, robots: int = 1) -> Policy:
    """The model that the parameters ask for, with room for that many robots per call."""
    jacobian = IDENTITY if given.rtc == OFF else given.rtc
    return Policy.load(
        given.bundle,
        given.threads,
        given.device,
        given.seeds,
        jacobian,
        robots,
        given.precision,
        given.kernels,
    )
