"""The org's time. Its date can be moved (`TODAY()`, date literals, formulas); its stamps cannot: whoever polls by
SystemModstamp must never see time run backwards when the date is put back.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


class Clock:
    """Today and now, possibly moved. With `file`, the moved date is written there for other processes to follow."""

    def __init__(self, time_zone: str, file: Path | None) -> None:
        self.zone = ZoneInfo(time_zone)
        self._file = file
        self.moved_to = _read(file)

    @property
    def stamp(self) -> datetime:
        """The real time in UTC, in whole seconds as Salesforce stores it."""
        return datetime.now(UTC).replace(microsecond=0)

    @property
    def today(self) -> date:
        """The date that the org's users live in."""
        return self.moved_to or datetime.now(self.zone).date()

    @property
    def now(self) -> datetime:
        """The present instant on that date, in UTC."""
        here = datetime.now(self.zone)
        return here.replace(year=self.today.year, month=self.today.month, day=self.today.day).astimezone(UTC)

    def move(self, to: date | None) -> None:
        """Make it that date, or with None the real one again."""
        self.moved_to = to
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".tmp")
            moved = [datetime.now(UTC).isoformat(), to and to.isoformat()]
            moves = [*_told(self._file).get("moves", ()), moved]  # since when which date holds
            draft.write_text(json.dumps({"today": moved[1], "moves": moves}))
            draft.replace(self._file)


def _read(file: Path | None) -> date | None:
    today = _told(file).get("today")
    return date.fromisoformat(today) if today else None


def _told(file: Path | None) -> dict[str, Any]:
    if file is None or not file.exists():
        return {}
    told: dict[str, Any] = json.loads(file.read_text())
    return told
