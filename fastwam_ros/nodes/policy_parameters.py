"""What a person may set of a policy, for one robot or for several."""

from dataclasses import dataclass

from fastwam_ros.nodes import parameters
from fastwam_ros.nodes.image_parameters import ImageParameters
from fastwam_ros.wam.choice import AUTO, KERNELS
from fastwam_ros.wam.device import CPU
from fastwam_ros.wam.eight_bits import FULL, PRECISIONS
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.prefix import IDENTITY, METHODS, OFF


@dataclass(frozen=True)
class Parameters(ImageParameters):
    """Of the policy: the model, where it runs, and what it observes."""

    bundle: str = parameters.required('folder of the checkpoint bundle')
    task: str = parameters.setting('', "the instruction at the start; '': the bundle's first one")
    threads: int = parameters.within(1, 1, 256, '', 'of torch on a CPU')
    device: str = parameters.setting(CPU, "torch's name of it: cpu, cuda, cuda:1")
    seeds: int = parameters.within(
        1, 1, 64, '', 'samples per chunk, whose spread is its disagreement'
    )
    max_rate: float = parameters.within(
        5.0, 0.001, 1000.0, 'Hz', 'most chunks per second, so that a fast model starves nobody'
    )
    max_skew: float = parameters.within(
        0.05, 0.0, 1.0, 's', 'between the pictures of one observation'
    )
    frame_interval: float = parameters.within(
        0.02, 0.0, 1.0, 's', 'least time between two pictures of one camera'
    )
    always: bool = parameters.setting(
        False, 'infer in whatever mode the executor is, and without one'
    )
    lossless: bool = parameters.setting(
        False, "ask publishers for what was lost, which a recording's player gives and no robot"
    )
    encoder: str = parameters.setting(
        '', "text encoder's weights, for instructions that the bundle lacks; '': refuse them"
    )
    tokenizer: str = parameters.setting('', "folder of the encoder's tokenizer")
    rtc: str = parameters.one_of(
        OFF, METHODS, 'lead chunks to begin with what the arms are committed to; docs/rtc.md'
    )
    precision: str = parameters.one_of(FULL, PRECISIONS, "of the model's weights")
    kernels: str = parameters.one_of(
        AUTO,
        KERNELS,
        'what computes layers; auto: ours where they are seen to agree with torch',
    )


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
