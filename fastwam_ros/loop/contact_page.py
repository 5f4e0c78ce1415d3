"""Findings as lines for a terminal and as a tree for a file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastwam_ros.loop.contact import Finding, Severity


def lines(findings: Sequence[Finding]) -> list[str]:
    """One line per finding, in their order, and one that counts them."""
    width = max((len(each.subject) for each in findings), default=0)
    rows = [f'{each.severity.value:5}  {each.subject:{width}}  {each}' for each in findings]
    return [*rows, counted(findings)]


def counted(findings: Sequence[Finding]) -> str:
    """How many there are of each severity, in words."""
    many = Counter(each.severity for each in findings)
    errors, warnings = many[Severity.ERROR], many[Severity.WARN]
    return f'{errors} errors, {warnings} warnings, {many[Severity.OK]} in order'


def sound(findings: Sequence[Finding]) -> bool:
    """Whether none of them is an error."""
    return all(each.severity is not Severity.ERROR for each in findings)


def tree(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings as JSON takes them."""
    return [asdict(each) | {'severity': each.severity.value} for each in findings]
