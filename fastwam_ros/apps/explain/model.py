"""The picture of docs/model.md: what one inference does, and who sees whom in each variant.

The masks below it are those that the variants are trained under (`wam.masks`); sizes are those of
the released RoboTwin model, from the same module that the engine takes them from where it has one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from fastwam_ros.wam.instruction import POSITIONS
from fastwam_ros.wam.masks import action_mask, training_mask
from fastwam_ros.wam.mosaic import HEAD_ABOVE_WRISTS
from fastwam_ros.wam.sampling import FRAMES
from fastwam_ros.wam.vision import TOKEN_PIXELS

TOKENS, ACTIONS = 4, 6  # of a frame, and rows: few enough to be seen in a mask
_ONCE, _STEPS, _LOAD, _MEMORY = '#cfe3f5', '#d3eddd', '#fbf0cf', '#eceff1'
_SEEN = ('#f4f4f4', '#1f6fb2')
_SIZE, _DPI = (12.6, 9.2), 100

Box = tuple[float, float, float, float, str, str]  # centre, half sizes, words, fill
_TOKENS = HEAD_ABOVE_WRISTS.height * HEAD_ABOVE_WRISTS.width // TOKEN_PIXELS**2
BOXES: dict[str, Box] = {
    'cameras': (1.1, 5.2, 0.9, 0.5, 'head, left, right\ncamera pictures', _MEMORY),
    'mosaic': (
        3.4,
        5.2,
        0.9,
        0.5,
        f'one picture\n{HEAD_ABOVE_WRISTS.height} x {HEAD_ABOVE_WRISTS.width}',
        _ONCE,
    ),
    'vae': (5.7, 5.2, 0.9, 0.5, 'Wan 2.2 VAE\nencoder, in 2-D', _ONCE),
    'video': (
        8.4,
        5.2,
        1.3,
        0.5,
        f'video expert, 5 B\n{_TOKENS} tokens, time 0',
        _ONCE,
    ),
    'memory': (8.4, 3.5, 1.3, 0.5, 'keys and values\nof every layer', _MEMORY),
    'action': (8.4, 1.8, 1.3, 0.5, 'action expert, 1 B\n32 tokens', _STEPS),
    'noise': (5.7, 1.8, 0.9, 0.5, 'noise 32 x 14\nof one seed', _LOAD),
    'chunk': (12.1, 1.8, 0.9, 0.5, 'chunk: 32 rows\nof 14 joints', _MEMORY),
    'instruction': (1.1, 3.5, 0.9, 0.5, 'instruction', _MEMORY),
    'umt5': (3.4, 3.5, 0.9, 0.5, f'UMT5, once, elsewhere\n{POSITIONS} rows', _LOAD),
    'text': (5.7, 3.5, 0.9, 0.5, 'its keys and values\n+ a row of the state', _LOAD),
    'prefix': (12.1, 3.5, 0.9, 0.5, 'what is executed\nmeanwhile (RTC)', _MEMORY),
}
ARROWS: tuple[tuple[str, str, str], ...] = (
    ('cameras', 'mosaic', ''),
    ('mosaic', 'vae', ''),
    ('vae', 'video', 'latent'),
    ('video', 'memory', ''),
    ('memory', 'action', 'is seen by'),
    ('instruction', 'umt5', ''),
    ('umt5', 'text', ''),
    ('text', 'video', ''),
    ('text', 'action', ''),
    ('noise', 'action', ''),
    ('action', 'chunk', '10 Euler steps'),
    ('prefix', 'action', ''),
)


def masks() -> dict[str, tuple[Tensor, Sequence[str]]]:
    """Title -> who sees whom, and the names of the parts in order."""
    frames = [f'frame {k}' for k in range(FRAMES)]
    whole = [*frames, 'actions']
    idm = [*(f'noisy {k}' for k in range(FRAMES)), *(f'clean {k}' for k in range(FRAMES))]
    return {
        'Fast-WAM, as it runs': (action_mask(TOKENS, 1, ACTIONS, 1), ['frame 0', 'actions']),
        'Fast-WAM, as it is trained': (training_mask('fastwam', TOKENS, FRAMES, ACTIONS), whole),
        'Joint': (training_mask('joint', TOKENS, FRAMES, ACTIONS), whole),
        'IDM, as it is trained': (
            training_mask('idm', TOKENS, FRAMES, ACTIONS),
            [*idm, 'actions'],
        ),
    }


def draw(path: Path) -> None:
    """Write it as PNG."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=_SIZE, layout='constrained')
    below = [f'mask {k}' for k in range(len(masks()))]
    axes = figure.subplot_mosaic([['flow'] * len(below), below], height_ratios=(5.0, 3.2))
    _flow(axes['flow'])
    for name, (title, mask) in zip(below, masks().items(), strict=True):
        _mask(axes[name], title, *mask)
    figure.savefig(path, dpi=_DPI)


def _flow(axes: Any) -> None:
    from matplotlib.patches import FancyBboxPatch, Patch

    axes.set(xlim=(0.0, 13.2), ylim=(0.9, 6.0))
    axes.set_axis_off()
    for x, y, half, height, words, fill in BOXES.values():
        corner = (x - half, y - height)
        box = FancyBboxPatch(corner, 2 * half, 2 * height, 'round,pad=0.02')
        box.set(facecolor=fill, edgecolor='#333333')
        axes.add_patch(box)
        axes.text(x, y, words, ha='center', va='center', fontsize=9)
    for source, target, says in ARROWS:
        _arrow(axes, BOXES[source], BOXES[target], says)
    kinds = {
        'once per observation': _ONCE,
        'in every step': _STEPS,
        'at load, or per instruction': _LOAD,
        'kept, or given': _MEMORY,
    }
    patches = [Patch(facecolor=c, edgecolor='#333333', label=kind) for kind, c in kinds.items()]
    axes.legend(handles=patches, loc='lower left', ncols=1, fontsize=9, frameon=False)


def _arrow(axes: Any, source: Box, target: Box, says: str) -> None:
    """From border to border, straight."""
    (x0, y0, w0, h0), (x1, y1, w1, h1) = source[:4], target[:4]
    across = abs(x1 - x0) - w0 - w1 > 0.0
    towards = (1 if x1 > x0 else -1) if across else (1 if y1 > y0 else -1)
    start = (x0 + towards * w0, y0) if across else (x0, y0 + towards * h0)
    end = (x1 - towards * w1, y1) if across else (x1, y1 - towards * h1)
    if across and y1 > y0:
        end = (x1 - towards * w1, y1 - 0.6 * h1)
    elif across and y1 < y0:
        end = (x1 - towards * w1, y1 + 0.6 * h1)
    axes.annotate('', end, start, arrowprops={'arrowstyle': '-|>', 'color': '#333333'})
    if says:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + (0.1 if across else 0.0))
        aside = {'ha': 'center', 'va': 'bottom'} if across else {'ha': 'left', 'va': 'center'}
        axes.text(middle[0] + (0.0 if across else 0.08), middle[1], says, fontsize=8, **aside)


def _mask(axes: Any, title: str, mask: Tensor, names: Sequence[str]) -> None:
    from matplotlib.colors import ListedColormap

    axes.imshow(mask.numpy(), cmap=ListedColormap(_SEEN), vmin=0, vmax=1)
    sizes = [TOKENS] * (len(names) - 1) + [ACTIONS]
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes))]
    middles = [end - size / 2 - 0.5 for end, size in zip(ends, sizes, strict=True)]
    for end in ends[:-1]:
        axes.axhline(end - 0.5, color='white', linewidth=1.2)
        axes.axvline(end - 0.5, color='white', linewidth=1.2)
    axes.set_xticks(middles, names, rotation=60, ha='right', fontsize=8)
    axes.set_yticks(middles, names, fontsize=8)
    axes.tick_params(length=0)
    axes.set_title(f'{title}:\nrow sees column', fontsize=9)
