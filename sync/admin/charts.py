"""Charts as SVG, made here: stacked bars and lines, to scale, each to be shown beside the table of its figures.

Colours and type come from the style sheet by class (`dl-series-0` …), so that the page needs no inline style; figures
are told in `<title>` and in the table, never by colour alone. Templates: layout/charts.html.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 8, 12, 28
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a bar chart; `told`: what it says."""

    x: float
    y: float
    width: float
    height: float
    series: int
    told: str


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line; `told`: what it says."""

    x: float
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick of an axis: where, and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready to be drawn. `lines` has one list of runs for each series: a gap in the figures ends a run."""

    title: str
    series: Sequence[str]
    boxes: Sequence[Box]
    lines: Sequence[Sequence[Sequence[Point]]]
    across: Sequence[Mark]
    up: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    bottom: int = HEIGHT - _BOTTOM


def bars(title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], unit: str = "") -> Chart:
    """Stacked bars, one for each label; figures must not be negative."""
    sums = [sum(values[at] for _, values in series) for at in range(len(labels))]
    ticks = _ticks(max(sums, default=0.0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    boxes = []
    for at, label in enumerate(labels):
        base = 0.0
        for number, (name, values) in enumerate(series):
            low, high = _y(base, ticks), _y(base + values[at], ticks)
            told = f"{label}, {name}: {values[at]:,.10g}{unit}"
            if values[at] > 0:
                boxes.append(Box(_LEFT + step * (at + 0.15), high, step * 0.7, low - high, number, told))
            base += values[at]
    across = [Mark(_LEFT + step * (at + 0.5), label) for at, label in _some(labels)]
    return Chart(title, [name for name, _ in series], boxes, (), across, _up(ticks, unit))


def lines(
    title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]], unit: str = ""
) -> Chart:
    """Lines over the labels; None is a gap."""
    found = [value for _, values in series for value in values if value is not None]
    ticks = _ticks(max(found, default=0.0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels) - 1)
    drawn = []
    for name, values in series:
        runs: list[list[Point]] = [[]]
        for at, value in enumerate(values):
            if value is None:
                runs.append([])
                continue
            told = f"{labels[at]}, {name}: {value:,.10g}{unit}"
            runs[-1].append(Point(_LEFT + step * at, _y(value, ticks), told))
        drawn.append([run for run in runs if run])
    across = [Mark(_LEFT + step * at, label) for at, label in _some(labels)]
    return Chart(title, [name for name, _ in series], (), drawn, across, _up(ticks, unit))


def _some(labels: Sequence[str]) -> list[tuple[int, str]]:
    """As many labels as have room."""
    every = max(1, math.ceil(len(labels) / 8))
    return [(at, label) for at, label in enumerate(labels) if at % every == 0]


def _ticks(highest: float) -> list[float]:
    """Round numbers from nothing to at least the highest."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / _TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough)
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]


def _y(value: float, ticks: Sequence[float]) -> float:
    room = HEIGHT - _TOP - _BOTTOM
    return _TOP + room * (1 - value / ticks[-1])


def _up(ticks: Sequence[float], unit: str) -> list[Mark]:
    return [Mark(_y(tick, ticks), f"{_short(tick)}{unit}") for tick in ticks]


def _short(number: float) -> str:
    """1,200,000 as 1.2M."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"
