"""What the charts of the health screen show, over which spans of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sync.admin.charts import Chart, bars, lines
from sync.core.dates import Calendar
from sync.db.samples import Span


@dataclass(frozen=True, slots=True)
class Range:
    """A span that can be chosen; `form`: how a moment of it is told."""

    name: str
    title: str
    length: timedelta
    step: timedelta
    form: str

    def until(self, now: datetime) -> Span:
        """It, up to now."""
        return Span(now, self.length, self.step)


RANGES = {
    each.name: each
    for each in (
        Range("hour", "Last hour", timedelta(hours=1), timedelta(minutes=1), "%H:%M"),
        Range("day", "Last day", timedelta(days=1), timedelta(minutes=15), "%H:%M"),
        Range("week", "Last week", timedelta(days=7), timedelta(hours=2), "%a %H:%M"),
        Range("month", "Last 30 days", timedelta(days=30), timedelta(hours=8), "%-d %b %H:%M"),
    )
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: figures of sync.db.samples with their names for people. `stacked`: as bars, else as lines.

    `counted`: its figures are added up over a step, so one that has not ended says nothing yet.
    """

    name: str
    title: str
    figures: Mapping[str, str]
    unit: str = ""
    stacked: bool = False
    counted: bool = False


DRAWINGS = (
    Drawing(
        "freshness",
        "From an event to Salesforce, seconds",
        {"freshness_p50_s": "Half within", "freshness_p95_s": "95 of 100 within"},
        " s",
    ),
    Drawing(
        "back",
        "From a change in Salesforce until we know it, seconds",
        {"back_p50_s": "Half within", "back_p95_s": "95 of 100 within"},
        " s",
    ),
    Drawing(
        "flow",
        "What came and went",
        {
            "events_received": "Events received",
            "events_processed": "Events taken in",
            "records_written": "Records written",
            "rows_read_back": "Changes of people",
            "holds_settled": "Dunning holds settled",
        },
        counted=True,
    ),
    Drawing(
        "backlog",
        "What waits, by stage",
        {
            "waiting_events": "Events",
            "waiting_fetches": "Objects to be fetched",
            "waiting_reviews": "Accounts to be looked at",
            "waiting_holds": "Dunning holds",
            "waiting_records": "Records",
        },
        stacked=True,
    ),
    Drawing("oldest", "How long the oldest has waited, seconds", {"oldest_waiting_s": "The oldest"}, " s"),
    Drawing("api", "Salesforce API calls of the last 24 hours", {"api_ours": "Ours", "api_org": "The whole org"}),
)
BY_NAME = {each.name: each for each in DRAWINGS}
FIGURES = tuple(figure for each in DRAWINGS for figure in each.figures)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its table: a label and a value for each figure, in each step; the latest first."""

    drawing: Drawing
    chart: Chart
    rows: Sequence[tuple[str, Sequence[float | None]]]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return all(value is None for _, values in self.rows for value in values)


def draw(found: Mapping[str, Sequence[float | None]], span: Span, chosen: Range, calendar: Calendar) -> Iterator[Drawn]:
    """Every chart, of the figures found."""
    labels = [f"{step.astimezone(calendar.zone):{chosen.form}}" for step in span.steps]
    for each in DRAWINGS:
        series = [(title, [rounded(value) for value in found[name]]) for name, title in each.figures.items()]
        if each.counted and span.steps[-1] + span.step > span.until:
            series = [(title, [*values[:-1], None]) for title, values in series]
        if each.stacked:
            solid = [(title, [value or 0.0 for value in values]) for title, values in series]
            chart = bars(each.title, labels, solid, each.unit)
        else:
            chart = lines(each.title, labels, series, each.unit)
        rows = [(label, [values[at] for _, values in series]) for at, label in enumerate(labels)]
        yield Drawn(each, chart, rows[::-1])


def rounded(value: float | None) -> float | None:
    """As exactly as anybody reads it."""
    return None if value is None else round(value, 2) if value < 100 else float(round(value))


def now() -> datetime:
    """The moment up to which charts go."""
    return datetime.now(UTC)
