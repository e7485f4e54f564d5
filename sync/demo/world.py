"""A local world: the whole product on real engines, with a local org and a local Stripe account around it."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from sync import private
from sync.bootstrap import JOBS, Runtime
from sync.cli.serve import free_port
from sync.db import migrate
from sync.demo.book import companies, write_book
from sync.demo.identities import CONNECTION, ORG_CONNECTION, Identities, identities, stripe_config, today_file
from sync.demo.pages import places
from sync.demo.people import OrgUserClient, StripeUserClient
from sync.demo.processes import Processes, first_line, wait_for
from sync.demo.sales import Sales, accounts_of, say
from sync.settings import Settings


@dataclass
class LocalWorld:
    """A running local world: where everything is, and who may act in it."""

    home: Path
    who: Identities
    processes: Processes
    web_urls: tuple[str, ...]
    org_url: str
    stripe_url: str
    database_url: str
    redis_url: str
    admin_password: str
    environment: dict[str, str]
    lightning: bool = False  # whether the org shows the package's pages
    connected: bool = True  # whether Dueline was told of the org and of the Stripe account

    @property
    def web_url(self) -> str:
        """The first web process."""
        return self.web_urls[0]

    @property
    def webhook_url(self) -> str:
        """Where the local Stripe sends its events."""
        return webhook_url(self.web_url)

    @property
    def org_admin(self) -> OrgUserClient:
        """The org's administrator, signed in."""
        return OrgUserClient(self.org_url, self.who.admin_id, self.who.admin_secret)

    def act_as(self, name: str) -> OrgUserClient:
        """Somebody of the company, signed in to the org."""
        return _client(self.org_url, self.who, name)

    @property
    def stripe(self) -> StripeUserClient:
        """Somebody at the Stripe dashboard."""
        return StripeUserClient(self.stripe_url, self.who.stripe_key)

    def places(self) -> dict[str, Any] | None:
        """What to look at in the org's pages, where there are any."""
        if not self.lightning:
            return None
        return places(self.org_url, self.org_admin, [person.name for person in self.who.people])

    def runtime(self) -> Runtime:
        """The product's own parts, in this process, on the world's database."""
        return Runtime(settings_from(self.environment))

    def ready(self) -> dict[str, Any]:
        """What others need to know to use this world."""
        told = {} if self.connected else {"unconnected": True}
        return {
            "web_url": self.web_url,
            "admin": {"url": f"{self.web_url}/admin/", "user": "finance", "password": self.admin_password},
            "webhook_url": self.webhook_url,
            # where nothing is connected, Stripe makes the secret when the endpoint is made
            "webhook_secret": self.who.webhook_secret if self.connected else None,
            "org": {
                "instance_url": self.org_url,
                "client_id": self.who.integration_id,
                "client_secret": self.who.integration_secret,
                "api_version": "66.0",
            },
            "org_admin": {"client_id": self.who.admin_id, "client_secret": self.who.admin_secret},
            "org_users": [
                {
                    "name": person.name,
                    "role": person.role,
                    "client_id": person.client_id,
                    "client_secret": person.client_secret,
                }
                for person in self.who.people
            ],
            "sign_in": {"client_id": self.who.sign_in_id, "client_secret": self.who.sign_in_secret},
            "stripe": {"api_base": self.stripe_url, "api_key": self.who.stripe_key},
            "lightning": self.places(),
            "database_url": self.database_url,
            "redis_url": self.redis_url,
            **told,
        }


def settings_from(environment: dict[str, str]) -> Settings:
    """Settings as a process with this environment would read them."""
    import os
    from unittest.mock import patch

    with patch.dict(os.environ, environment):
        return Settings()


def webhook_url(web_url: str) -> str:
    """Where a web process takes the local Stripe's events."""
    return f"{web_url}/webhooks/stripe/{CONNECTION}"


Database = Callable[[Path, Processes], AbstractContextManager[str]]
"""Runs a PostgreSQL for a home, as one of these processes or not; its URL."""


def _private_postgres(home: Path, _: Processes) -> AbstractContextManager[str]:
    return private.running_postgres(home)


@dataclass(frozen=True)
class Cast:
    """How many of each process a world has, the settings they get beyond its own, and who runs its PostgreSQL."""

    workers: Mapping[str, int] = field(default_factory=dict)  # by queue; 1 of those not named
    webs: int = 1
    clocks: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    database: Database = _private_postgres


@contextlib.contextmanager
def local_world(
    home: Path,
    port: int,
    console: Console,
    *,
    book: bool,
    cast: Cast | None = None,
    lightning: Path | None = None,
    connected: bool = True,
) -> Iterator[LocalWorld]:
    """Start everything in an empty folder; end it all afterwards. `lightning`: compiled pages for the org to show.

    `connected`: false leaves it to whoever uses the page to connect Dueline to the org and to the Stripe account.
    """
    cast = cast or Cast()
    who, processes = identities(home), Processes(home / "logs")
    with contextlib.ExitStack() as ending:
        console.print("starting PostgreSQL and Redis …")
        ending.callback(processes.stop)
        database_url = ending.enter_context(cast.database(home, processes))
        ending.callback(processes.stop)  # before a PostgreSQL that is none of these processes
        redis_url = _start_redis(home, processes)
        base = {"DUELINE_HOME": str(home), "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        # Ports are fixed here, not taken at start: a process that is started again must answer where it did.
        pages = ("--lightning", str(lightning)) if lightning else ()
        org = processes.start("local-org", "local-org", "--port", str(free_port()), *pages, environment=base)
        migrate.upgrade(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
        org_url = first_line(org)["instance_url"]
        if book:
            console.print("writing 18 months of invoices …")
            _write_book(home, who, org_url)
        ports = [port or free_port(), *(free_port() for _ in range(cast.webs - 1))]
        web_urls = tuple(f"http://127.0.0.1:{each}" for each in ports)
        stripe_url = _start_stripe(processes, web_urls[0] if connected else None, base)
        connections = _connections(who, org_url, stripe_url) if connected else {}
        environment = {**base, **_settings(home), **connections, **cast.settings}
        console.print("starting web, workers and clock …")
        _start_product(processes, cast, ports, environment)
        if connected:
            _ring_when_people_change(org_url, who, web_urls[0])
        processes.watch()
        yield LocalWorld(
            home,
            who,
            processes,
            web_urls,
            org_url,
            stripe_url,
            database_url,
            redis_url,
            environment["DUELINE_ADMIN_PASSWORD"],
            environment,
            lightning is not None,
            connected,
        )


def _start_stripe(processes: Processes, web_url: str | None, environment: dict[str, str]) -> str:
    """The Stripe account; with no `web_url` it knows of no webhook endpoint yet."""
    known = ("--webhook-url", webhook_url(web_url)) if web_url else ()
    arguments = ("--port", str(free_port()), *known)
    return first_line(processes.start("local-stripe", "local-stripe", *arguments, environment=environment))["api_base"]


def _start_product(processes: Processes, cast: Cast, ports: list[int], environment: Mapping[str, str]) -> None:
    """Web processes, workers and clocks; waits until the web answers."""
    webs = {
        port: processes.start(_numbered("web", n), "web", "--port", str(port), environment=environment)
        for n, port in enumerate(ports)
    }
    for queue in JOBS:
        for number in range(cast.workers.get(queue, 1)):
            processes.start(f"worker-{queue}-{number}", "worker", queue, environment=environment)
    for number in range(cast.clocks):
        processes.start(_numbered("clock", number), "clock", environment=environment)
    for port, web in webs.items():
        wait_for(f"http://127.0.0.1:{port}/readyz", web)


_PEOPLE_MAKE = ("AR_Commitment__c", "AR_Dispute__c", "AR_Activity__c", "AR_Invoice__c", "Task")


def _ring_when_people_change(org_url: str, who: Identities, web_url: str) -> None:
    """Outbound messages, as an administrator would set them up: what people do is seen at once."""
    admin = OrgUserClient(org_url, who.admin_id, who.admin_secret)
    admin.send_messages(f"{web_url}/webhooks/salesforce/{ORG_CONNECTION}/{who.hook_token}", _PEOPLE_MAKE)


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}" if number else name


def _start_redis(home: Path, processes: Processes) -> str:
    """Redis as one of our processes, so that it too is started again when it dies."""
    url, command = private.redis_server(home)
    child = processes.start_other("redis", command, {})
    private.wait_for_redis(url, lambda: not child.died, str(child.log))
    return url


def _connections(who: Identities, org_url: str, stripe_url: str) -> dict[str, str]:
    """What an engineer would set so that Dueline knows both sides, and people sign in with Salesforce."""
    prefix = f"DUELINE_STRIPE__{CONNECTION.upper()}__"
    return {
        f"{prefix}WEBHOOK_SECRETS": who.webhook_secret,
        f"{prefix}API_KEY": who.stripe_key,
        f"{prefix}API_BASE": stripe_url,
        "DUELINE_SALESFORCE__LOGIN_URL": org_url,
        "DUELINE_SALESFORCE__CLIENT_ID": who.integration_id,
        "DUELINE_SALESFORCE__CLIENT_SECRET": who.integration_secret,
        "DUELINE_SALESFORCE__CONNECTION": ORG_CONNECTION,
        "DUELINE_SALESFORCE__HOOK_TOKENS": who.hook_token,
        "DUELINE_SIGN_IN__CLIENT_ID": who.sign_in_id,
        "DUELINE_SIGN_IN__CLIENT_SECRET": who.sign_in_secret,
        "DUELINE_ACCOUNT_BILLING_FIELD": "Billing_Customer_Id__c",
    }


def _settings(home: Path) -> dict[str, str]:
    """What every local world is like, whatever it is connected to."""
    return {
        "DUELINE_TODAY_FILE": str(today_file(home)),
        "DUELINE_HOST": "127.0.0.1",
        "DUELINE_ADMIN_PASSWORD": secrets.token_hex(8),
        "DUELINE_LINK_EVERY_S": "60",
        "DUELINE_REQUEST_LIFETIME_S": "60",
    }


def _write_book(home: Path, who: Identities, org_url: str) -> None:
    """Accounts with owners in the org, the same companies' invoices in Stripe, and the links between them."""
    admin = OrgUserClient(org_url, who.admin_id, who.admin_secret)
    owners = admin.query("SELECT Id FROM User WHERE UserRole.Name = 'Account Executive' ORDER BY Name")
    book = companies()
    rows = accounts_of(book, [row["Id"] for row in owners])
    for row, record_id in zip(rows, admin.create("Account", rows), strict=True):
        row["Id"] = record_id
    accounts = {row["Name"]: row["Id"] for row in rows}
    Sales(admin, rows).write()
    say(accounts, lambda name: _client(org_url, who, name))
    customers = write_book(stripe_config(home), accounts, time.time())
    by_field = [company.name for company in book if company.linked_by == "field"]
    admin.update("Account", [{"Id": accounts[name], "Billing_Customer_Id__c": customers[name]} for name in by_field])


def _client(org_url: str, who: Identities, name: str) -> OrgUserClient:
    [person] = [person for person in who.people if person.name == name]
    return OrgUserClient(org_url, person.client_id, person.client_secret)
