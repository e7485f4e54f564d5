"""The one place that puts the parts of a process together: settings, database, bell, connectors, pipeline.

Parts are imported when they are first used. So the web process never loads a mapping or a connector, and nothing in
them can keep it from receiving; and a worker starts without the connectors it does not need.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sync import effective, private
from sync.bell import Bell
from sync.core.dates import Calendar
from sync.db import config
from sync.db.engine import make_engine
from sync.settings import Settings, SettingsError, load
from sync.vault import Vault

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sync.adapters.billing import BillingSystems
    from sync.adapters.crm import CrmOrg
    from sync.adapters.meter import CallMeter
    from sync.adapters.org_books import OrgBooks
    from sync.core.fieldmap.rules import FieldMap
    from sync.effective import Effective
    from sync.pipeline.inbox import Ingest
    from sync.pipeline.intake import ReadingBack
    from sync.pipeline.publish import Publishing
    from sync.pipeline.retain import Retention
    from sync.pipeline.review import Reviewing

log = structlog.get_logger()

JOBS = {
    "ledger": "sync.jobs.drain_inbox",
    "fetch": "sync.jobs.drain_fetches",
    "salesforce": "sync.jobs.drain_records",
    "crm": "sync.jobs.drain_crm",
    "upkeep": "sync.jobs.do_upkeep",
    "work": "sync.jobs.do_work",
}
ERRANDS = {"crm:now": "sync.jobs.look_now"}  # further jobs, each on the queue before the colon
_LASTING = frozenset({"database_url", "redis_url", "engine", "bell", "vault"})  # what no page can change
_OUTWARD = frozenset({"meter", "org", "billing"})  # open connections to others


@dataclass
class Runtime:
    """Everything a process of Dueline works with; parts are made when first used.

    `settings` hold now; `environment` are those of them that the environment sets, which is all there is before the
    database was asked. `problems`: in words, what was configured on the page and cannot be used.
    """

    settings: Settings
    environment: Settings | None = None
    problems: tuple[str, ...] = ()

    @property
    def by_environment(self) -> Settings:
        """What the environment sets."""
        return self.environment or self.settings

    def with_settings(self, found: Effective) -> Runtime:
        """A runtime with other settings, which goes on with whatever does not depend on them."""
        made = Runtime(found.settings, self.by_environment, found.problems)
        same = found.settings.__dict__ == self.settings.__dict__
        kept = _LASTING | (_OUTWARD if same else frozenset())
        made.__dict__.update({name: part for name, part in self.__dict__.items() if name in kept})
        return made

    def let_go(self, successor: Runtime) -> None:
        """Write down what is only counted here, and close connections that the successor does not go on with.

        Whoever still works with this one may: they are opened again when they are used.
        """
        if "meter" in self.__dict__ and successor.__dict__.get("meter") is not self.meter:
            with contextlib.suppress(SQLAlchemyError):
                self.meter.flush()
        org = self.__dict__.get("org")
        if org is not None and successor.__dict__.get("org") is not org:
            org.session.close()

    @cached_property
    def database_url(self) -> str:
        """The configured database, or a private one that is started now."""
        return self.settings.database_url or _with_driver(private.postgres(self.settings.home))

    @cached_property
    def redis_url(self) -> str:
        """The configured Redis, or a private one that is started now."""
        return self.settings.redis_url or private.redis(self.settings.home)

    @cached_property
    def engine(self) -> Engine:
        """The database."""
        return make_engine(self.database_url, pool=10)

    @cached_property
    def bell(self) -> Bell:
        """The doorbell of the queues."""
        return Bell(self.redis_url, JOBS | ERRANDS)

    @cached_property
    def vault(self) -> Vault:
        """Where secrets entered on the page are sealed. Raises VaultError."""
        key = self.settings.secret_key
        return Vault.of(key.get_secret_value() if key else None, self.settings.home)

    @cached_property
    def calendar(self) -> Calendar:
        """The company's calendar."""
        return Calendar(self.settings.time_zone, self.settings.today_file)

    @cached_property
    def billing(self) -> BillingSystems:
        """The billing systems that can be read."""
        from sync.adapters.billing import BillingSystems

        return BillingSystems(self.settings)

    @cached_property
    def meter(self) -> CallMeter:
        """The count of API calls."""
        from sync.adapters.meter import CallMeter

        return CallMeter(self.engine, self.settings.api_share)

    @cached_property
    def org(self) -> CrmOrg | None:
        """Salesforce; None while it is not configured."""
        if self.settings.salesforce is None:
            return None
        from sync.adapters.crm import CrmOrg

        return CrmOrg(self.settings, self.settings.salesforce, self.meter)

    def require_org(self) -> CrmOrg:
        """Salesforce; SettingsError if it is not configured."""
        if self.org is None:
            raise SettingsError(
                "Salesforce is not connected: connect it on finance's page (Set-up), or set "
                "DUELINE_SALESFORCE__LOGIN_URL and its siblings (README, Salesforce)"
            )
        return self.org

    @cached_property
    def ingest(self) -> Ingest:
        """What processing events needs."""
        from sync.core.mapping import stripe
        from sync.pipeline.inbox import Ingest

        return Ingest(
            mappers={"stripe": stripe},
            systems=self.settings.system_names,
            calendar=self.calendar,
            metadata_key=self.settings.account_metadata_key,
            fetchable=self.settings.readable(),
            max_attempts=self.settings.max_attempts,
        )

    @cached_property
    def publishing(self) -> Publishing:
        """How publishing is done."""
        from sync.pipeline.publish import Publishing

        settings = self.settings
        return Publishing(
            calendar=self.calendar,
            systems=settings.system_names,
            closed_days=settings.closed_days,
            flush_rows=settings.flush_rows,
            flush_after_s=settings.flush_after_s,
            flush_busy_s=settings.flush_busy_s,
            request_lifetime_s=settings.request_lifetime_s,
            bulk_from=settings.bulk_from,
            pins=settings.account_fields,
        )

    def fieldmap(self) -> FieldMap:
        """Which figure is written to which field, as finance has it now."""
        from sync.db import fieldmaps

        with self.engine.connect() as conn:
            return fieldmaps.current(conn, self.settings.account_fields)

    @cached_property
    def reading_back(self) -> ReadingBack:
        """How Salesforce is read back."""
        from sync.pipeline.intake import ReadingBack

        return ReadingBack(self.publishing, self.settings.poll_overlap_s, self.settings.history_days)

    @cached_property
    def books(self) -> OrgBooks:
        """Everything of ours in Salesforce, for comparing and retention. Raises SettingsError."""
        from sync.adapters.org_books import OrgBooks

        return OrgBooks(self.require_org(), self.fieldmap)

    @cached_property
    def retention(self) -> Retention:
        """What is kept for how long."""
        from sync.pipeline.retain import Retention

        settings = self.settings
        return Retention(self.calendar, settings.body_days, settings.closed_days, settings.request_lifetime_s)

    @cached_property
    def reviewing(self) -> Reviewing:
        """How promises, disputes, holds and follow-ups are reviewed."""
        from sync.pipeline.look import Terms
        from sync.pipeline.review import Reviewing

        settings = self.settings
        terms = Terms(
            grace_days=settings.grace_days,
            commitment_grace_days=settings.commitment_grace_days,
            follow_up_days=settings.follow_up_days,
            dispute_sla_days=settings.dispute_sla_days,
        )
        return Reviewing(self.calendar, lambda: self.require_org().money(), terms)

    def close(self) -> None:
        """Write down what is only counted here, and let go of connections."""
        if "meter" in self.__dict__:
            with contextlib.suppress(Exception):
                self.meter.flush()
        if "engine" in self.__dict__:
            self.engine.dispose()


class Current:
    """The runtime as configured now, on the page too. Safe to share by threads.

    What is configured changes seldom and is asked for often: so one tiny query says whether it did.
    """

    FRESH_S = 1.0
    HURRY_S = 0.2

    def __init__(self, first: Runtime, then: Callable[[Runtime], None] = lambda _run: None) -> None:
        """`then` is told of every new runtime before anybody works with it."""
        self._run = first
        self._then = then
        self._stamp: object = None
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    @property
    def last(self) -> Runtime:
        """As it was found when somebody looked last."""
        return self._run

    def __call__(self, older_s: float = FRESH_S) -> Runtime:
        """As configured at most so many seconds ago."""
        return self._run if time.monotonic() - self._looked_at < older_s else self.look()

    def look(self) -> Runtime:
        """As configured now. While the database cannot be asked, as it was."""
        with self._lock:
            self._looked_at = time.monotonic()
            try:
                self._renew()
            except SQLAlchemyError as error:
                log.debug("what is configured cannot be read", reason=str(error).splitlines()[0])
            return self._run

    def _renew(self) -> None:
        before = self._run
        with before.engine.connect() as conn:
            stamp = config.stamp(conn)
            if stamp == self._stamp:
                return
            found = effective.read(conn, before.by_environment, lambda: before.vault)
        for problem in set(found.problems) - set(before.problems):
            log.error("configured, but cannot be used", reason=problem)
        made = before.with_settings(found)
        self._then(made)
        self._run, self._stamp = made, stamp
        before.let_go(made)

    def keep_watch(self) -> None:
        """Look again and again from now on, in a thread that ends with the process."""

        def watch() -> None:
            while True:
                time.sleep(self.FRESH_S)
                self()

        threading.Thread(target=watch, name="settings", daemon=True).start()


@cache
def current() -> Current:
    """The runtime of this process, as configured at any time. Raises SettingsError."""
    return Current(Runtime(load()))


def runtime() -> Runtime:
    """The runtime of this process as configured now, or a moment ago. Raises SettingsError."""
    return current()()


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
