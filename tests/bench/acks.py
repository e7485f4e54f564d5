"""Acknowledged webhooks per second: our web process against the smallest handler, same server, same database.

Rounds alternate, so that a busy machine slows both. The generator shares the two cores with the servers, which pulls
the ratio towards one; CPU time per ack, of the server's own processes, is free of that and printed beside it.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from connector.local.stripe.world import World
from sync import private
from sync.cli.serve import free_port
from sync.db import migrate
from sync.demo.processes import Child, Processes, wait_for
from sync.settings import Settings
from tests.bench import smallest
from tests.bench.load import Request, send_all, signed
from tests.bench.table import Result

SECRET = "whsec_bench"
ROUNDS, REQUESTS, WARM_UP = 5, 3_000, 500


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="dueline-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with private.running_postgres(home) as database_url:
            processes = Processes(home / "logs")
            try:
                return [_measure(_serve(home, database_url, processes))]
            finally:
                processes.stop()


def _serve(home: Path, database_url: str, processes: Processes) -> dict[str, tuple[str, Child]]:
    """Both servers, by name: URL and process."""
    migrate.upgrade(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with psycopg.connect(database_url) as conn:
        conn.execute(smallest.TABLE)
    redis_url, command = private.redis_server(home)
    processes.start_other("redis", command, {})
    own, other = free_port(), free_port()
    shared = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DUELINE_HOME": str(home)}
    ours = {"DUELINE_HOST": "127.0.0.1", "DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS": SECRET}
    settings = Settings()
    like_ours = {"PROCESSES": str(settings.web_processes), "THREADS": str(settings.web_threads), "SECRET": SECRET}
    web = processes.start("web", "web", "--port", str(own), environment=shared | ours)
    module = (sys.executable, "-m", "tests.bench.smallest", str(other))
    small = processes.start_other("smallest", module, shared | like_ours)
    wait_for(f"http://127.0.0.1:{own}/readyz", web)
    time.sleep(2)
    return {
        "ours": (f"http://127.0.0.1:{own}/webhooks/stripe/main", web),
        "smallest": (f"http://127.0.0.1:{other}/webhook", small),
    }


def _measure(servers: dict[str, tuple[str, Child]]) -> Result:
    template = _event()
    rates: dict[str, list[float]] = {name: [] for name in servers}
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(ROUNDS + 1):
        for name in sorted(servers, reverse=number % 2 == 0):
            url, child = servers[name]
            count = REQUESTS if number else WARM_UP
            requests = _requests(template, f"{name}{number}", count)
            before = _cpu(child)
            took = send_all([url], requests).seconds
            if number:
                rates[name].append(count / took)
                cpu[name].append((_cpu(child) - before) / count * 1000)
    ours, least = (statistics.median(rates[name]) for name in ("ours", "smallest"))
    our_cpu, least_cpu = (statistics.median(cpu[name]) for name in ("ours", "smallest"))
    detail = (
        f"ours {ours:.0f}/s, smallest {least:.0f}/s (median of {ROUNDS} rounds of {REQUESTS}); "
        f"CPU per ack {our_cpu:.2f} ms against {least_cpu:.2f} ms"
    )
    what = "acks per second, against the smallest handler"
    return Result(what, f"{ours / least:.2f}", ">= 0.8", ours / least >= 0.8, detail, "acks")


def _event() -> dict[str, Any]:
    """A paid invoice as Stripe tells of it."""
    world = World()
    customer = world.create_customer(name="Acme", email="ap@acme.example")["id"]
    draft = world.create_invoice(customer, [{"amount": 120_000, "description": "Seats"}])
    world.finalize_invoice(draft["id"], due_in_days=30)
    _, events = world.act("pay_invoice", {"invoice": draft["id"]})
    return next(event for event in events if event["type"] == "invoice.paid")


def _requests(template: dict[str, Any], name: str, count: int) -> list[Request]:
    copied = json.dumps(template)
    return [signed({**json.loads(copied), "id": f"evt_{name}_{number}"}, SECRET) for number in range(count)]


def _cpu(child: Child) -> float:
    """CPU seconds of a server and its children so far."""
    assert child.process is not None
    root = psutil.Process(child.process.pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(each.user + each.system for each in times)
