"""Commands that run processes: web, workers, the clock, and the release step."""

import signal
import socket
import threading
import time

import click
import structlog

from sync import logs
from sync.bootstrap import JOBS, Runtime, current, runtime
from sync.settings import SettingsError, load

log = structlog.get_logger()

_CLOCK_LOCK = 0x6475656C  # "duel": the advisory lock that makes the clock exactly one


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one. Default: PORT, or 8000.")
def web(port: int | None) -> None:
    """Receive webhooks; answer /healthz, /readyz, /metrics."""
    from granian.constants import Interfaces
    from granian.server import Server

    run = Runtime(load())  # what is configured on the page does not concern the process that only starts others
    settings = run.settings
    logs.configure(settings.log_level)
    _ = run.database_url, run.redis_url  # private servers are started here, not by a forked process
    listen = settings.port if port is None else port
    if listen == 0:
        listen = free_port()
    Server(
        "sync.web:application",
        address=settings.host,
        port=listen,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=settings.web_threads,
        websockets=False,
        factory=True,
        respawn_failed_workers=True,
        log_enabled=False,
    ).serve()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@click.command()
@click.argument("queue", type=click.Choice(list(JOBS)))
def worker(queue: str) -> None:
    """Do the work of one queue: ledger, fetch, salesforce or upkeep. Run as many as you like."""
    from redis import Redis
    from rq import Queue
    from rq.worker import SimpleWorker

    from sync import jobs  # noqa: F401 - imported now rather than in the first job

    run = _start()
    connection = Redis.from_url(run.redis_url)
    log.info("worker started", queue=queue)
    SimpleWorker([Queue(queue, connection=connection)], connection=connection).work(logging_level="WARNING")
    current().last.close()


@click.command()
def clock() -> None:
    """Remind the workers. Run exactly one; a second one waits until the first is gone."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    from sync.jobs import SCHEDULE_S

    run, stop = _start(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            with run.engine.connect() as conn:
                while not stop.is_set() and not conn.scalar(text(f"SELECT pg_try_advisory_lock({_CLOCK_LOCK})")):
                    stop.wait(1.0)
                log.info("clock started")
                _tick(run, stop, SCHEDULE_S, lambda conn=conn: conn.scalar(text("SELECT 1")))
        except OperationalError as error:
            log.warning("clock waits for the database", reason=str(error).splitlines()[0])
            stop.wait(1.0)
    run.close()


def _tick(run: Runtime, stop: threading.Event, schedule: dict[str, float], alive: object) -> None:
    """Ring each queue on time while the database, and with it the lock, is there."""
    from redis.exceptions import RedisError

    due = dict.fromkeys(schedule, 0.0)
    while not stop.wait(0.2):
        alive()  # type: ignore[operator]
        now = time.monotonic()
        for queue, every in schedule.items():
            if now >= due[queue]:
                due[queue] = now + every
                try:
                    run.bell.ring_now(queue)
                except RedisError as error:
                    log.warning("clock cannot ring", queue=queue, reason=str(error))


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to this release. Safe beside the running one."""
    from sync.db import migrate

    run = Runtime(load())
    logs.configure(run.settings.log_level)
    click.echo(f"database at revision {migrate.upgrade(run.database_url)}")


def _start() -> Runtime:
    run = runtime()
    logs.configure(run.settings.log_level)
    return run


def require_connection(run: Runtime, name: str) -> str:
    """The provider of a configured connection; SettingsError naming those that are."""
    known = run.settings.connections()
    if name not in known:
        told = ", ".join(known) or "none"
        raise SettingsError(f"no connection {name!r} is configured (there is: {told}); see README, Settings")
    return known[name]
