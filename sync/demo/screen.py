"""What the demo shows while it runs: where to look, what just happened, and how things stand."""

import dataclasses
import functools
import random
import threading
import time
from collections import deque
from typing import Any

import requests
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from sync.db import health
from sync.demo.book import MARK
from sync.demo.identities import CONNECTION, Person
from sync.demo.pages import links
from sync.demo.world import LocalWorld

TO_TRY = {"Farid Nasser", "Ada Okafor", "Gina Rossi"}  # finance, sales, and somebody whom nobody has given anything
EVENT_EVERY_S = 4.0
UNSEEN_EVERY_S = 20.0  # where no terminal shows it, so that whoever measures is hardly disturbed


def show(world: LocalWorld, console: Console) -> None:
    """Let webhooks trickle in and show what they do, until Ctrl-C."""
    console.print(_links(world))
    told: deque[str] = deque(maxlen=12)
    stop = threading.Event()
    every = EVENT_EVERY_S if console.is_terminal else UNSEEN_EVERY_S
    traffic = threading.Thread(target=_trickle, args=(world, told, stop, every), daemon=True)
    traffic.start()
    run = world.runtime()
    try:
        with Live(console=console, refresh_per_second=2, transient=False) as live:
            while True:
                with run.engine.connect() as conn:
                    live.update(Group(_figures(health.read(conn)), Panel("\n".join(told) or "…", title="what happens")))
                time.sleep(0.5)
    except KeyboardInterrupt:
        console.print("ending …")
    finally:
        stop.set()
        traffic.join(5)
        run.close()


def _links(world: LocalWorld) -> Panel:
    ready = world.ready()
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(overflow="fold")  # an address that is cut short leads nowhere
    for name, told in _rows(world, ready):
        table.add_row(name, told)
    table.add_row("logs", str(world.processes.folder))
    table.add_row("look", f"DATABASE_URL='{world.database_url}' dueline status")
    what = "Dueline, on a local world" if world.connected else "Dueline, not connected to anything yet"
    return Panel(table, title=f"{what}. Ctrl-C ends it.")


def _rows(world: LocalWorld, ready: dict[str, Any]) -> list[tuple[str, str]]:
    """Where everything is, and the way in."""
    if not world.connected:
        return _to_connect(world, ready)
    page, org = ready["admin"], ready["org"]
    people = ", ".join(f"{person.name} ({_may(person)})" for person in world.who.people if person.name in TO_TRY)
    return [
        ("web", f"{world.web_url}/readyz  {world.web_url}/metrics"),
        ("page", f"{page['url']} (user {page['user']}, password {page['password']})"),
        ("", f"or choose “Sign in with Salesforce” there, as {people}"),
        ("", f"to be somebody else, first sign out of the org: {world.org_url}/secur/logout.jsp"),
        ("webhooks", world.webhook_url),
        ("local org", f"{world.org_url} (integration user {org['client_id']})"),
        ("local Stripe", f"{world.stripe_url} (its dashboard: {world.stripe_url}/dashboard/)"),
        *(links(ready["lightning"]) if ready["lightning"] else ()),
    ]


def _to_connect(world: LocalWorld, ready: dict[str, Any]) -> list[tuple[str, str]]:
    """What a newcomer enters on the page, each by itself so that it can be copied, and where Stripe is set up."""
    page, org, sign_in, stripe = ready["admin"], ready["org"], ready["sign_in"], ready["stripe"]
    return [
        ("page", page["url"]),
        ("user, password", f"{page['user']} {page['password']}"),
        ("Salesforce", org["instance_url"]),
        ("consumer key", org["client_id"]),
        ("its secret", org["client_secret"]),
        ("to sign people in", sign_in["client_id"]),
        ("its secret", sign_in["client_secret"]),
        ("Stripe API", stripe["api_base"]),
        ("API key", stripe["api_key"]),
        ("Stripe dashboard", f"{stripe['api_base']}/dashboard/"),
        (f"endpoint “{CONNECTION}”", world.webhook_url),
    ]


def _may(person: Person) -> str:
    return person.role if person.permission_sets else "no permission set: not let in"


def _figures(status: health.Status) -> Table:
    shown = ("waiting", "parked", "unlinked", "freshness_p50_s", "freshness_p95_s", "api_calls_today")
    table = Table(*[name.replace("_", " ") for name in shown])
    values = dataclasses.asdict(status)
    table.add_row(*["-" if values[name] is None else str(values[name]) for name in shown])
    return table


def _trickle(world: LocalWorld, told: "deque[str]", stop: threading.Event, every_s: float) -> None:
    """Every few seconds somebody pays, is invoiced, is credited, or does not pay."""
    dice = random.Random()  # noqa: S311 - a story, not a secret
    ours = {row["id"] for row in world.stripe.every("customers") if row["metadata"].get(MARK)}
    while not stop.wait(every_s):
        try:
            told.append(f"{time.strftime('%H:%M:%S')}  {_something(world, dice, ours)}")
        except requests.RequestException as error:
            told.append(f"{time.strftime('%H:%M:%S')}  [red]{error}[/red]")


def _something(world: LocalWorld, dice: random.Random, ours: set[str]) -> str:
    stripe = world.stripe
    act = functools.partial(stripe.act, deliver="soon")  # what nobody takes yet is tried again, as Stripe does
    row = dice.choice([row for row in stripe.every("invoices", status="open") if row["customer"] in ours])
    name, owed = row["customer_name"] or row["customer"], row["amount_remaining"]
    match dice.choices(("pay", "part", "invoice", "credit", "fail"), (35, 15, 35, 5, 10))[0]:
        case "pay":
            act("pay_invoice", invoice=row["id"], method="card")
            return f"{name} pays invoice {row['number']} ({owed} {row['currency']})"
        case "part" if owed > 1:
            act("pay_invoice", invoice=row["id"], amount=owed // 2, method="bank")
            return f"{name} pays half of invoice {row['number']}"
        case "credit" if owed > 1_000:
            act("credit_note", invoice=row["id"], amount=owed // 10)
            return f"{name} gets a credit note on invoice {row['number']}"
        case "fail":
            act("fail_payment", invoice=row["id"])
            return f"{name}'s payment of invoice {row['number']} fails"
    lines = [{"amount": dice.randrange(50_000, 900_000, 500), "description": "Subscription"}]
    draft = act(
        "create_invoice",
        customer=row["customer"],
        lines=lines,
        currency=row["currency"],
        collection_method="send_invoice",
        auto_advance=True,
    )
    made = act("finalize_invoice", invoice=draft["id"], due_in_days=30)
    return f"{name} is invoiced: {made['number']} ({made['total']} {made['currency']})"
