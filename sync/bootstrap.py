"""The one place that puts the parts of a process together: settings, database, bell, connectors, pipeline."""

import contextlib
from dataclasses import dataclass
from functools import cache, cached_property

from sqlalchemy import Engine

from sync import private
from sync.adapters.billing import SYSTEM_NAMES, BillingSystems
from sync.adapters.meter import CallMeter
from sync.adapters.salesforce import SalesforceOrg
from sync.bell import Bell
from sync.core.dates import Calendar
from sync.db.engine import make_engine
from sync.pipeline.inbox import Ingest
from sync.pipeline.publish import Publishing
from sync.settings import Settings, SettingsError, load

JOBS = {
    "ledger": "sync.jobs.drain_inbox",
    "fetch": "sync.jobs.drain_fetches",
    "salesforce": "sync.jobs.drain_records",
    "upkeep": "sync.jobs.do_upkeep",
}


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
        return Bell(self.redis_url, JOBS)

    @cached_property
    def calendar(self) -> Calendar:
        """The company's calendar."""
        return Calendar(self.settings.time_zone, self.settings.today_file)

    @cached_property
    def billing(self) -> BillingSystems:
        """The billing systems that can be read."""
        return BillingSystems(self.settings)

    @cached_property
    def meter(self) -> CallMeter:
        """The count of API calls."""
        return CallMeter(self.engine, self.settings.api_share)

    @cached_property
    def org(self) -> SalesforceOrg | None:
        """Salesforce; None while it is not configured."""
        if self.settings.salesforce is None:
            return None
        return SalesforceOrg(self.settings, self.settings.salesforce, self.meter)

    def require_org(self) -> SalesforceOrg:
        """Salesforce; SettingsError if it is not configured."""
        if self.org is None:
            raise SettingsError("DUELINE_SALESFORCE__LOGIN_URL and its siblings are not set: see README, Salesforce")
        return self.org

    @cached_property
    def ingest(self) -> Ingest:
        """What processing events needs."""
        from sync.core.mapping import stripe  # here, so that a mapping that cannot be imported fails no acknowledgement

        return Ingest(
            mappers={"stripe": stripe},
            calendar=self.calendar,
            metadata_key=self.settings.account_metadata_key,
            fetchable=self.billing.names,
            max_attempts=self.settings.max_attempts,
        )

    @cached_property
    def publishing(self) -> Publishing:
        """How publishing is done."""
        settings = self.settings
        return Publishing(
            calendar=self.calendar,
            systems=SYSTEM_NAMES,
            closed_days=settings.closed_days,
            flush_rows=settings.flush_rows,
            flush_after_s=settings.flush_after_s,
            flush_busy_s=settings.flush_busy_s,
            request_lifetime_s=settings.request_lifetime_s,
        )

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
