"""The one place that puts the parts of a process together: settings, database, bell, connectors, pipeline.

Parts are imported when they are first used. So the web process never loads a mapping or a connector, and nothing in
them can keep it from receiving; and a worker starts without the connectors it does not need.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from sync import private
from sync.bell import Bell
from sync.core.dates import Calendar
from sync.db.engine import make_engine
from sync.settings import Settings, SettingsError, load
from sync.vault import Vault

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from sync.adapters.billing import BillingSystems
    from sync.adapters.crm import CrmOrg
    from sync.adapters.meter import CallMeter
    from sync.adapters.org_books import OrgBooks
    from sync.pipeline.inbox import Ingest
    from sync.pipeline.intake import ReadingBack
    from sync.pipeline.publish import Publishing
    from sync.pipeline.retain import Retention
    from sync.pipeline.review import Reviewing

JOBS = {
    "ledger": "sync.jobs.drain_inbox",
    "fetch": "sync.jobs.drain_fetches",
    "salesforce": "sync.jobs.drain_records",
    "crm": "sync.jobs.drain_crm",
    "upkeep": "sync.jobs.do_upkeep",
    "work": "sync.jobs.do_work",
}
ERRANDS = {"crm:now": "sync.jobs.look_now"}  # further jobs, each on the queue before the colon


@dataclass
class Runtime:
    """Everything a process of Dueline works with; parts are made when first used."""

    settings: Settings

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
            raise SettingsError("DUELINE_SALESFORCE__LOGIN_URL and its siblings are not set: see README, Salesforce")
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
        )

    @cached_property
    def reading_back(self) -> ReadingBack:
        """How Salesforce is read back."""
        from sync.pipeline.intake import ReadingBack

        return ReadingBack(self.publishing, self.settings.poll_overlap_s, self.settings.history_days)

    @cached_property
    def books(self) -> OrgBooks:
        """Everything of ours in Salesforce, for comparing and retention. Raises SettingsError."""
        from sync.adapters.org_books import OrgBooks

        return OrgBooks(self.require_org(), self.settings.account_fields)

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


@cache
def runtime() -> Runtime:
    """The runtime of this process. Raises SettingsError."""
    return Runtime(load())


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
