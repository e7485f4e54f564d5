"""Where a story of these tests is set: who may sign in, Stripe's clock, and the settings of a product there."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

from connector.local.org.server import Credentials
from connector.salesforce.session import Pace

METADATA = Path(__file__).parents[2] / "salesforce_metadata"
TODAY = date(2026, 3, 10)
CONNECTION = "main"
SECRET, API_KEY = "whsec_test", "rk_test_world"
INTEGRATION = Credentials("integration", "secret", "integration@dueline.example")
ADMIN = Credentials("admin", "secret", "admin@dueline.example")
PACE = Pace(first_wait=0.01, between_logins=0.05, first_look=0.02, longest_look=0.1, longest_job=30)
FIELD = "Billing_Customer_Id__c"
NO_KEY = {"DUELINE_STRIPE": json.dumps({CONNECTION: {"webhook_secrets": SECRET}})}  # webhooks, and nothing to ask by


class Clock:
    """Stripe's time, in seconds since the epoch: it stands still until it is moved, or runs once it is let `run`."""

    def __init__(self, day: date) -> None:
        self._at = datetime.combine(day, clock_time(12), UTC).timestamp()
        self._since: float | None = None

    def __call__(self) -> float:
        return self._at + (time.monotonic() - self._since if self._since is not None else 0)

    def tick(self, seconds: float) -> None:
        """Move on."""
        self._at += seconds

    def move(self, day: date) -> None:
        """Go to noon of another day."""
        self._at = datetime.combine(day, clock_time(12), UTC).timestamp()

    def run(self) -> None:
        """Pass by itself from now on, as real time does."""
        self._since = time.monotonic()


class StillBell:
    """Remembers what was rung; nobody comes."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, queue: str) -> None:
        self.rung.append(queue)

    ring_now = answered = ring

    def ping(self) -> None:
        """It is always there."""


@dataclass(frozen=True)
class Place:
    """Where everything is that a product on a local world works with; `org_url` is None where no org is configured."""

    database_url: str
    redis_url: str
    stripe_url: str
    today_file: Path
    org_url: str | None = None

    def environment(self) -> dict[str, str]:
        """The product's settings, as environment variables."""
        connection = {"webhook_secrets": SECRET, "api_key": API_KEY, "api_base": self.stripe_url}
        login = {"login_url": self.org_url, "client_id": "integration", "client_secret": "secret", "timeout_s": 5}
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DUELINE_STRIPE": json.dumps({CONNECTION: connection}),
            **({"DUELINE_SALESFORCE": json.dumps(login)} if self.org_url else {}),
            "DUELINE_ACCOUNT_BILLING_FIELD": FIELD,
            "DUELINE_FLUSH_AFTER_S": "0.001",
            "DUELINE_FLUSH_BUSY_S": "0.001",
            "DUELINE_TODAY_FILE": str(self.today_file),
            "DUELINE_HOME": str(self.today_file.parent),
        }


def signature(body: bytes, secret: str = SECRET, at: float | None = None) -> str:
    """Stripe's header for a body, made as its documentation says."""
    sent = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={sent},v1={digest}"
