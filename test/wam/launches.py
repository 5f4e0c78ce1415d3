"""What the fused kernels would launch on a GPU, without one: at any size, on torch's meta device.

Kernels are replaced by recorders, so that nothing is computed; what is recorded can be compiled
for a card by the compiler that would do so there. Run as a module it does, for the full size:
`python -m test.wam.launches 90` (compute capability), and prints what each kernel takes.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from fastwam_ros.apps.bench.models import FULL as RELEASED
from fastwam_ros.wam import fused, triton_attention, triton_products
from fastwam_ros.wam.eight_bits import FULL, PRECISIONS, form_of
from fastwam_ros.wam.fused import FusedKernels
from fastwam_ros.wam.lean import Lean
from fastwam_ros.wam.model import FastWAM

TOOLS = Path(triton.__file__).parent / 'backends' / 'nvidia' / 'bin'
KERNELS = {
    'product': triton_products.product,
    'settle': triton_products.settle,
    'attend': triton_attention.attend,
    'listen': triton_attention.listen,
}
POINTERS = {
    torch.bfloat16: '*bf16',
    torch.float16: '*fp16',
    torch.float32: '*fp32',
    torch.int8: '*i8',
    torch.float8_e4m3fn: '*fp8e4nv',
}


@dataclass(frozen=True)
class Launch:
    """One launch: the kernel's name, its grid, and what fixes its machine code."""

    kernel: str
    grid: tuple[int, ...]
    signature: tuple[tuple[str, str], ...]
    constants: tuple[tuple[str, Any], ...]
    aligned: tuple[int, ...]
    options: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, kernel: str, grid: Any, given: tuple[Any, ...], options: dict) -> 'Launch':
        """As Triton specialises: on types, on what is 1, and on what 16 divides."""
        signature, constants, aligned = [], [], []
        for index, (parameter, value) in enumerate(zip(params(kernel), given, strict=True)):
            if parameter.is_constexpr or value is None or (isinstance(value, int) and value == 1):
                signature.append((parameter.name, 'constexpr'))
                constants.append((parameter.name, value))
                continue
            if isinstance(value, torch.Tensor):
                signature.append((parameter.name, POINTERS[value.dtype]))
            else:
                signature.append((parameter.name, 'fp32' if isinstance(value, float) else 'i32'))
            if isinstance(value, torch.Tensor) or (isinstance(value, int) and value % 16 == 0):
                aligned.append(index)
        parts = (tuple(signature), tuple(constants), tuple(aligned))
        return cls(kernel, tuple(grid), *parts, tuple(options.items()))

    def compiled(self, capability: int) -> Any:
        """By Triton's own compiler, down to machine code."""
        source = ASTSource(
            fn=KERNELS[self.kernel],
            signature=dict(self.signature),
            constexprs={(self._index(name),): value for name, value in self.constants},
            attrs={(index,): [['tt.divisibility', 16]] for index in self.aligned},
        )
        target = GPUTarget('cuda', capability, 32)
        return triton.compile(source, target=target, options=dict(self.options))

    def _index(self, name: str) -> int:
        return [parameter.name for parameter in params(self.kernel)].index(name)


def params(kernel: str) -> list[Any]:
    return KERNELS[kernel].params


class Recorder:
    """Stands for the modules of kernels in `fused`."""

    def __init__(self) -> None:
        self.launches: list[Launch] = []

    def __getattr__(self, name: str) -> Any:
        if name not in KERNELS:
            raise AttributeError(name)
        recorder = self

        class Kernel:
            def __getitem__(self, grid: tuple[int, ...]) -> Any:
                def launch(*given: Any, **options: int) -> None:
                    recorder.launches.append(Launch.of(name, grid, given, options))

                return launch

        return Kernel()


def recorded(call: Any) -> list[Launch]:
    """What a call launches, of which nothing runs."""
    before, recorder = (fused.attention, fused.products), Recorder()
    fused.attention = fused.products = recorder
    try:
        call()
    finally:
        fused.attention, fused.products = before
    return recorder.launches


def full_size(
    robots: int = 1, tokens: int = 120, processors: int = 132, precision: str = FULL
) -> dict[str, list[Launch]]:
    """Launches of the picture's reading and of one step of the actions, by phase."""
    with torch.device('meta'):
        model = FastWAM(RELEASED.model, imagines=False).to(torch.bfloat16)
        lean = Lean(model, 'meta', FusedKernels(processors))
        if form := form_of(precision):
            lean.narrow(form)
        lean.reserve(robots, 1, tokens + 32)
        lean._columns, lean._words = 32, lean._room(32)
        texts = [words.part(robots, 32) for words in lean._words]
        latent = torch.empty(robots, 48, 1, 24, 20, dtype=torch.bfloat16)
        actions = torch.empty(robots, 32, 14, dtype=torch.bfloat16)
        times = [torch.empty(30, 6, 1, width, dtype=torch.bfloat16) for width in (3072, 1024)]
        turns = [torch.empty(count, 64, dtype=torch.complex64) for count in (tokens, 32)]

        def read() -> None:
            lean.prefill(latent, times[0], turns[0], texts[0])

        def step() -> None:
            lean.velocity(actions, times[1], turns[1], tokens, texts[1])

        return {'picture': recorded(read), 'step': recorded(step)}


def resources(made: Any) -> dict[str, int]:
    """Registers, spilled bytes and shared memory of what was compiled."""
    with tempfile.NamedTemporaryFile(suffix='.cubin') as file:
        file.write(made.asm['cubin'])
        file.flush()
        tool = [str(TOOLS / 'cuobjdump'), '--dump-resource-usage', file.name]
        text = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    found = {key: int(value) for key, value in re.findall(r'(REG|STACK|LOCAL):(\d+)', text)}
    return {**found, 'SHARED': made.metadata.shared}


def main(capability: int) -> None:
    for kind in PRECISIONS:
        for robots in (1, 4):
            for phase, launches in full_size(robots, precision=kind).items():
                print(f'{phase}, {robots} robots, {kind}: {len(launches)} launches')
                for launch, count in Counter(launches).items():
                    taken = resources(launch.compiled(capability))
                    print(f'  {count:4} x {launch.kernel:8} {launch.grid!s:18} {taken}')


if __name__ == '__main__':
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main(int(sys.argv[1]))
