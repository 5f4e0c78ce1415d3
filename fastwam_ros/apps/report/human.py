"""The panels on what the policy would have done beside what the person did, in a replay.

Errors are those of apps.replay.measures. Shown where a recording has the person's commands.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource

from fastwam_ros.apps.replay.measures.errors import MM, ActionErrors, curve
from fastwam_ros.apps.replay.measures.hand import HandErrors
from fastwam_ros.apps.replay.measures.metric import Metric
from fastwam_ros.apps.replay.measures.rows import Rows
from fastwam_ros.apps.replay.measures.truth import COLUMNS, PARTS, Truth, truths
from fastwam_ros.apps.report.axis import TimeAxis, explain, horizon_panel, with_legend
from fastwam_ros.apps.report.colours import BLUE, JOINTS, ORANGE
from fastwam_ros.apps.report.figures import number
from fastwam_ros.apps.report.run import Run
from fastwam_ros.bag.streams import Array
from fastwam_ros.robot.joints import ARM_SIZE, SIDES, arm_joints

DRAWN = 60  # chunks over the person's way: more would hide it
_MOST_MOVED = 3  # joints of each arm
_HUMAN: dict[str, Any] = {'line_width': 4, 'line_alpha': 0.3}
_CHUNK: dict[str, Any] = {'line_width': 1.1, 'line_alpha': 0.75}
_WORDS = (
    ('action_error.rad', 'arm joints'),
    ('action_error.relative.rad', 'arm joints, from the first row on'),
    ('action_error.mm', 'gripper opening'),
    ('hand_error.mm', 'hand, distance'),
    ('hand_error.deg', 'hand, angle'),
)


class HumanPanels:
    """`there`: whether there is anything to compare. `notes`: by panel, what is not drawn."""

    def __init__(self, run: Run, axis: TimeAxis) -> None:
        self._run, self._axis = run, axis
        self._truths, self._rows = truths(run), Rows.of(run.chunks)
        self._errors = ActionErrors.of(self._rows, self._truths)
        self.there = bool(np.isfinite(self._errors.errors).any())
        self._hands = HandErrors.of(self._rows.values, self._errors.truth)
        self.notes: dict[str, str] = {}

    def all(self) -> Iterator[Any]:
        """In the order of the page; nothing without anything to compare."""
        if not self.there:
            return
        errors = self._errors.errors
        arms = {s: errors[..., COLUMNS[f'{s}_arm']] for s in SIDES}
        grippers = {s: MM * errors[..., COLUMNS[f'{s}_gripper']] for s in SIDES}
        yield self._curves('human_arms', '|error| of arm joints', 'rad', arms)
        yield self._curves('human_grippers', '|error| of gripper openings', 'mm', grippers)
        yield self._curves('human_hands', 'distance of hands', 'mm', self._hands.lengths)
        yield self._curves('human_turns', 'angle of hands', 'deg', self._hands.angles)
        for side in SIDES:
            yield self._overlay(side)

    def sources(self) -> str:
        """What the truth is, of which parts."""
        kinds = dict.fromkeys(self._truths[name].source for name in PARTS)
        parts = {
            k: [n.replace('_', ' ') for n in PARTS if self._truths[n].source == k] for k in kinds
        }
        return '; '.join(f'{kind} ({", ".join(names)})' for kind, names in parts.items())

    def figures(self) -> list[tuple[str, str, str, str]]:
        """Words, mean, 95th percentile and unit of |error|."""
        metrics = [*self._errors.metrics(), *self._hands.metrics()]
        found: Mapping[str, Metric] = {metric.name: metric for metric in metrics}
        pairs = [(words, found[f'{name}.mae'], found[f'{name}.p95']) for name, words in _WORDS]
        return [(w, number(mean.value), number(p95.value), mean.unit) for w, mean, p95 in pairs]

    def _curves(self, name: str, title: str, unit: str, by_side: Mapping[str, Array]) -> Any:
        panel, marks = horizon_panel(name, title, unit, 200), []
        for (side, errors), colour in zip(by_side.items(), (BLUE, ORANGE), strict=True):
            for word, dash in (('mean', 'solid'), ('p95', 'dashed')):
                values = curve(errors)[word]
                label = f'{side}, {word}'
                line = panel.line(
                    self._errors.seconds, values, line_color=colour, line_width=2,
                    line_dash=dash, name=label, legend_label=label,
                )  # fmt: skip
                marks.append(line)
        explain(panel, marks, ('', '$name'), ('', f'@y{{0.0000}} {unit}'), ('after', '@x{0.00} s'))
        return with_legend(panel)

    def _overlay(self, side: str) -> Any:
        name = f'human_{side}'
        panel = self._axis.panel(
            name, f"{side} arm: the person's way (wide) and chunks", 'rad', 260
        )
        drawn = _spread(len(self._rows.stamps), DRAWN)
        if len(drawn) < len(self._rows.stamps):
            self.notes[name] = f'{len(drawn)} of {len(self._rows.stamps)} chunks'
        truth = self._truths[f'{side}_arm']
        for joint in moved(truth):
            label = arm_joints(side)[joint].name
            style = {'line_color': JOINTS[joint], 'name': label}
            source = ColumnDataSource(self._way(truth, joint))
            line = panel.line('t', 'q', source=source, legend_label=label, **_HUMAN, **style)
            chunks = self._chunks(drawn, COLUMNS[f'{side}_arm'].start + joint)
            thin = panel.line('t', 'q', source=ColumnDataSource(chunks), **_CHUNK, **style)
            line.tags = thin.tags = [f'joint{joint + 1}']
            explain(panel, [thin], ('', '$name'), ('', '@q{0.0000} rad'), ('at', '@t{0.000} s'))
        return with_legend(panel)

    def _way(self, truth: Truth, joint: int) -> dict[str, Array]:
        """A command every 20 ms at most is enough to look at."""
        times = np.unique(truth.times // 20_000_000 * 20_000_000)
        times = times[(times >= truth.times[0]) & (times <= truth.times[-1])]
        seconds = (times - self._run.since) / 1e9
        return {'t': seconds, 'q': truth.at(times)[:, joint]}

    def _chunks(self, drawn: Sequence[int], column: int) -> dict[str, Array]:
        """One line for all, broken between them."""
        rows = self._rows
        seconds = (rows.due[drawn] - self._run.since) / 1e9
        gap = np.full((len(drawn), 1), np.nan)
        values = np.where(rows.there, rows.values[..., column], np.nan)[drawn]
        both = [np.hstack([one, gap]).ravel() for one in (seconds, values)]
        return dict(zip(('t', 'q'), both, strict=True))


def moved(truth: Truth) -> list[int]:
    """The joints that the person moved most, base to wrist."""
    if not len(truth.times):
        return []
    ranges = np.ptp(truth.values, axis=0)
    return sorted(np.argsort(-ranges, kind='stable')[: min(_MOST_MOVED, ARM_SIZE)].tolist())


def _spread(count: int, most: int) -> list[int]:
    """At most so many of a number of things, evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()
