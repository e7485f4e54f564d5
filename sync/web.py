"""The web process: webhooks in, and what an operator or a load balancer asks of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import prometheus_client
import structlog
from flask import Flask, Response, jsonify
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from sync import logs
from sync.admin.mount import mount
from sync.bootstrap import Current, Runtime, current
from sync.db import cursors, health, migrate
from sync.db.engine import DirectEngine
from sync.settings import Settings
from webhooks.app import create_app
from webhooks.receive import Receiver

log = structlog.get_logger()
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

_GAUGES = {
    "waiting_events": "events stored and not yet processed",
    "waiting_records": "records not yet written to Salesforce",
    "waiting_fetches": "objects waiting to be fetched again",
    "oldest_waiting_s": "seconds for which the oldest of these has waited",
    "parked_events": "events that could not be read",
    "parked_records": "records that Salesforce refused",
    "parked_holds": "dunning holds that a billing system refused",
    "waiting_reviews": "accounts whose promises and follow-ups are to be looked at",
    "waiting_holds": "dunning holds to be put or taken off",
    "last_look_s": "seconds since Salesforce was last read back",
    "ignored": "parked things that somebody chose to leave alone",
    "unlinked": "billing customers without a Salesforce account",
    "doubtful": "objects that reconciliation should look at",
    "freshness_p50_s": "seconds from event to Salesforce, median of the last hour",
    "freshness_p95_s": "seconds from event to Salesforce, 95th percentile of the last hour",
    "api_calls_today": "Salesforce API calls of ours in the last 24 hours",
    "api_used": "Salesforce API calls of everybody, as the org counts them",
    "api_maximum": "Salesforce API calls that the org allows",
}


class _StatusCollector(Collector):
    """The status as gauges, read from the database when asked for."""

    def __init__(self, run: Runtime) -> None:
        self._run = run

    def collect(self) -> Any:
        with self._run.engine.connect() as conn:
            status = health.read(conn)
        for name, meaning in _GAUGES.items():
            value = getattr(status, name)
            if value is not None:
                yield GaugeMetricFamily(f"dueline_{name}", meaning, value)


class _OrgId:
    """The id of our org, as whoever logged in last wrote it down; read again after a while, for settings change."""

    FRESH_S = 60.0

    def __init__(self, run: Runtime) -> None:
        self._run = run
        self._known: str | None = None
        self._until = 0.0

    def __call__(self) -> str | None:
        if self._known is None or time.monotonic() >= self._until:
            with self._run.engine.connect() as conn:
                identity = cursors.get(conn, cursors.ORG_IDENTITY)
            self._known = identity["org"] if identity else None
            self._until = time.monotonic() + self.FRESH_S
        return self._known


_Key = TypeVar("_Key")
_Secrets = tuple[str, ...]


class _Live(Mapping[_Key, _Secrets]):
    """Secrets as configured now: made from the settings once for each runtime."""

    def __init__(self, now: Current, read: Callable[[Settings], Mapping[_Key, _Secrets]]) -> None:
        self._now, self._read = now, read
        self._held: tuple[Runtime | None, Mapping[_Key, _Secrets]] = (None, {})

    def _fresh(self) -> Mapping[_Key, _Secrets]:
        run = self._now.last
        of, held = self._held  # both at once: other threads are here, too
        if of is not run:
            held = self._read(run.settings)
            self._held = run, held
        return held

    def __getitem__(self, key: _Key) -> _Secrets:
        return self._fresh()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._fresh()

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._fresh())

    def __len__(self) -> int:
        return len(self._fresh())


def _signing_secrets(settings: Settings) -> Mapping[tuple[str, str], _Secrets]:
    found = {("stripe", name): connection.secrets() for name, connection in settings.stripe.items()}
    return {door: secrets for door, secrets in found.items() if secrets}


def _hook_tokens(settings: Settings) -> Mapping[str, _Secrets]:
    return settings.salesforce.hooks() if settings.salesforce else {}


def make_app(now: Current) -> Flask:
    """The whole web application of one process. It may be made before there is a database."""
    run = now.last
    settings = run.settings
    received = Counter("dueline_webhooks", "webhooks by outcome", ["provider", "outcome"], registry=None)
    counted = cache(received.labels)
    receiver = Receiver(
        engine=DirectEngine(run.database_url),
        ring=lambda: run.bell.ring("ledger"),
        connections=_Live(now, _signing_secrets),
        tolerance_s=settings.signature_tolerance_s,
        seen=lambda provider, outcome: counted(provider, outcome).inc(),
        hooks=_Live(now, _hook_tokens),
        ring_crm=lambda: run.bell.ring("crm:now"),
        org_id=_OrgId(run),
        look=lambda: now(Current.HURRY_S),
    )
    app = create_app(receiver, body_limit=settings.body_limit)
    mount(app, now.look, at_once=max(1, settings.web_threads // 2))
    registry = CollectorRegistry()
    registry.register(received)
    registry.register(_StatusCollector(run))

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        found = {name: _works(check) for name, check in _checks(run).items()}
        ready = all(value == "ok" for value in found.values())
        return jsonify(ready=ready, **found), 200 if ready else 503

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)

    return app


def _checks(run: Runtime) -> dict[str, Callable[[], None]]:
    def database() -> None:
        found = migrate.current(run.engine)
        if found != migrate.head():
            raise RuntimeError(
                f"the database is at revision {found}, this release needs {migrate.head()}: dueline db upgrade"
            )

    return {"database": database, "redis": run.bell.ping}


def _works(check: Callable[[], None]) -> str:
    try:
        check()
    except (SQLAlchemyError, RedisError, RuntimeError) as error:
        return str(error).splitlines()[0]
    return "ok"


def application() -> Flask:
    """The application as a WSGI server loads it."""
    now = current()
    logs.configure(now.last.settings.log_level)
    now.look()
    now.keep_watch()
    return make_app(now)
