"""The picture of who may move the arms: the table of authority as a diagram, and as it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastwam_ros.apps.explain.authority import (
    AWAITED,
    BOX,
    HALF,
    PLACES,
    Point,
    arrows,
    said,
    way,
)
from fastwam_ros.motion.authority import TABLE, VERBS, Event, Mode, Standing

_OPERATOR, _PERSON, _FAULT, _ITSELF = '#1f6fb2', '#2b8a57', '#bf3b2f', '#6f6f6f'
_SEVERAL = '#222222'
_KINDS = {
    'a request of the operator': _OPERATOR,
    'a person at the switch': _PERSON,
    'a fault, or the e-stop': _FAULT,
    'the arms are at rest': _ITSELF,
}
_COLOURS = {
    **dict.fromkeys(VERBS, _OPERATOR),
    Event.TAKEOVER: _PERSON,
    Event.RELEASE: _PERSON,
    Event.SOFT_FAULT: _FAULT,
    Event.HARD_FAULT: _FAULT,
    Event.ESTOP: _FAULT,
    Event.AT_REST: _ITSELF,
}
_FILLS = {
    Mode.DISARMED: '#eceff1',
    Mode.HOLD: '#dcebf7',
    Mode.POLICY: '#cfe3f5',
    Mode.TELEOP: '#d3eddd',
    Mode.STOPPING: '#fbf0cf',
    Mode.FAULT: '#f6d3cf',
    Mode.ESTOP: '#f6d3cf',
}
_LINE = 0.2  # from one word of an arrow to the next
_SIZE, _DPI = (12.6, 9.8), 100


def draw(path: Path) -> None:
    """Write it as PNG."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=_SIZE, layout='constrained')
    diagram, table = figure.subplots(2, 1, height_ratios=(6.2, 3.2))
    _diagram(diagram)
    _table(table)
    figure.savefig(path, dpi=_DPI)


def words(event: Event) -> str:
    """As it is read."""
    return {Event.ESTOP: 'e-stop'}.get(event, event.value.replace('_', ' '))


def _diagram(axes: Any) -> None:
    from matplotlib.lines import Line2D

    axes.set(xlim=(0.1, 13.95), ylim=(-0.1, 6.0))
    axes.set_axis_off()
    (left, _), (_, top) = BOX
    _box(axes, *BOX, 'none', '#9aa5ad', linestyle='--')
    axes.text(left + 0.15, top - 0.12, 'the arms are commanded', va='top', color='#66717a')
    for arrow in arrows():
        says = {words(event): _COLOURS[event] for event in arrow.events}
        _arrow(axes, arrow.source, arrow.target, says)
    before, word, after = AWAITED
    _arrow(axes, before, after, {word: _OPERATOR})
    for standing in TABLE:
        _state(axes, standing)
    lines = [Line2D([], [], color=colour, label=kind) for kind, colour in _KINDS.items()]
    place = {'loc': 'upper center', 'bbox_to_anchor': (0.5, 0.0), 'ncols': len(lines)}
    axes.legend(handles=lines, fontsize=10, frameon=False, **place)


def _state(axes: Any, standing: Standing) -> None:
    x, y = PLACES[standing]
    low, high = (x - HALF[0], y - HALF[1]), (x + HALF[0], y + HALF[1])
    _box(axes, low, high, _FILLS[standing.mode], '#333333')
    axes.text(
        x, y, _name(standing), ha='center', va='center', fontsize=10, weight='bold', zorder=6
    )


def _name(standing: Standing) -> str:
    return str(standing).replace('>', '\n> ')


def _box(axes: Any, low: Point, high: Point, fill: str, edge: str, **style: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    width, height = high[0] - low[0], high[1] - low[1]
    style |= {'boxstyle': 'round,pad=0,rounding_size=0.12', 'linewidth': 1.3}
    style |= {'facecolor': fill, 'edgecolor': edge, 'zorder': 5 if fill != 'none' else 1}
    axes.add_patch(FancyBboxPatch(low, width, height, **style))


def _arrow(axes: Any, source: Standing | None, target: Standing, says: Mapping[str, str]) -> None:
    """says: words with their colours, one below the other."""
    corners, colours = way(source, target), set(says.values())
    colour = colours.pop() if len(colours) == 1 else _SEVERAL
    axes.plot(*zip(*corners, strict=True), color=colour, linewidth=1.5, zorder=3)
    head = {'arrowstyle': '-|>', 'color': colour, 'linewidth': 1.5, 'shrinkA': 0, 'shrinkB': 0}
    axes.annotate('', corners[-1], corners[-2], arrowprops=head, zorder=4)
    x, y = said(source, target)
    white = {'facecolor': 'white', 'edgecolor': 'none', 'pad': 1.0}
    style = {'ha': 'center', 'va': 'center', 'fontsize': 9.5, 'bbox': white, 'zorder': 4}
    for n, (words, colour) in enumerate(says.items()):
        axes.text(x, y + _LINE * (0.5 * (len(says) - 1) - n), words, color=colour, **style)


def cells() -> list[list[str]]:
    """The table as it is: a row per state, a column per event; '-' where it is refused."""
    return [[_cell(of, row.get(event)) for event in Event] for of, row in TABLE.items()]


def _cell(of: Standing, target: Standing | None) -> str:
    if target is None:
        return '-'
    return 'no change' if target == of else str(target)


def _table(axes: Any) -> None:
    axes.set_axis_off()
    colours = [[_fill(row.get(event)) for event in Event] for row in TABLE.values()]
    made = axes.table(
        cellText=[[text.replace('>', '\n>') for text in row] for row in cells()],
        cellColours=colours,
        rowLabels=[str(standing) for standing in TABLE],
        colLabels=[words(event) for event in Event],
        cellLoc='center',
        bbox=(0.125, 0.0, 0.875, 1.0),
    )
    made.auto_set_font_size(False)
    for (row, _), cell in made.get_celld().items():
        cell.set(edgecolor='white', linewidth=1.5)
        cell.set_text_props(fontsize=8 if row else 9)


def _fill(target: Standing | None) -> str:
    return '#fafafa' if target is None else _FILLS[target.mode]
