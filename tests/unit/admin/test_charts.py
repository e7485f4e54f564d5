"""Charts are to scale, and say in words what they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.admin import charts

AMOUNTS = st.floats(0, 1e12, allow_nan=False)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=24))
def test_bars_stand_on_each_other_and_inside(pairs):
    labels = [str(n) for n in range(len(pairs))]
    chart = charts.bars("Aging", labels, [("low", [low for low, _ in pairs]), ("high", [high for _, high in pairs])])
    assert all(box.y >= 0 and box.y + box.height <= chart.bottom + 0.001 for box in chart.boxes)
    assert all(chart.left <= box.x and box.x + box.width <= chart.width for box in chart.boxes)
    assert len(chart.boxes) == sum(value > 0 for pair in pairs for value in pair)


def test_twice_as_much_is_twice_as_high():
    one, two = charts.bars("x", ["a", "b"], [("s", [10, 20])]).boxes
    assert two.height == pytest.approx(2 * one.height)
    assert two.told == "b, s: 20"


def test_a_gap_ends_a_line_and_no_figures_draw_none():
    chart = charts.lines("x", ["a", "b", "c", "d"], [("s", [1, None, 2, 3]), ("t", [None] * 4)], " s")
    assert [len(run) for run in chart.lines[0]] == [1, 2]
    assert chart.lines[1] == []
    assert chart.lines[0][1][0].told == "c, s: 2 s"
    assert charts.lines("x", [], []).up[0].text == "0"


@given(st.floats(1e-6, 1e15, allow_nan=False))
def test_the_axis_reaches_beyond_the_highest_in_few_round_steps(highest):
    ticks = charts._ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-9)
    assert 3 <= len(ticks) <= 6


def test_labels_have_room():
    assert len(charts.bars("x", [str(n) for n in range(90)], [("s", [1.0] * 90)]).across) <= 8
