"""The company's date, moved forward at the plan's times: due dates pass and promises break."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

from tests.chaos.arena import Arena
from tests.chaos.plan import Plan

LOOKED_AT_WITHIN_S = 30.0


class MovedDays:
    """A thread that moves the org's clock, which every process of the world follows."""

    def __init__(self, arena: Arena, plan: Plan) -> None:
        self._arena = arena
        self._plan = plan.of("calendar")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="calendar", daemon=True)
        self.today: date = datetime.now(UTC).date()
        self.moves = 0
        self._began = 0.0

    def start(self) -> None:
        """From now on."""
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """It stays the day that it is."""
        self._over.set()
        self._thread.join()

    def soon(self) -> date:
        """The latest day on which something written now may first be looked at by the product."""
        until = time.monotonic() - self._began + LOOKED_AT_WITHIN_S
        later = sum(each.arguments["days"] for each in self._plan[self.moves :] if each.at <= until)
        return self.today + timedelta(days=later)

    def _work(self) -> None:
        for each in self._plan:
            if self._over.wait(max(0.0, self._began + each.at - time.monotonic())):
                return
            self.today += timedelta(days=each.arguments["days"])
            self._arena.admin.control("POST", "clock", {"today": self.today.isoformat()})
            self.moves += 1
