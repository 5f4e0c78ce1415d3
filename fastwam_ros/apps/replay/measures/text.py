"""The table of a measurement: name, value, unit; numbers of single joints and streams left out."""

from collections.abc import Iterator
from itertools import groupby

from fastwam_ros.apps.replay.measures.against import number
from fastwam_ros.apps.replay.measures.measures import Measures
from fastwam_ros.apps.replay.measures.metric import Metric

_NAME, _NUMBER = 36, 12  # column widths


def table(measures: Measures) -> str:
    """What the numbers are of, then the numbers by subject."""
    return '\n'.join(_lines(measures))


def _lines(measures: Measures) -> Iterator[str]:
    for name, words in measures.words().items():
        if words:
            yield f'{name:{_NAME}}{words}'
    shown = [metric for metric in measures.metrics() if not metric.detail]
    for subject, group in groupby(shown, key=_subject):
        yield f'--- {subject} '.ljust(_NAME + _NUMBER + 9, '-')
        yield from (_line(metric) for metric in group)


def _subject(metric: Metric) -> str:
    return metric.name.partition('.')[0]


def _line(metric: Metric) -> str:
    return f'{metric.name:{_NAME}}{number(metric.value):>{_NUMBER}}  {metric.unit}'.rstrip()
