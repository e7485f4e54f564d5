"""What a local org is started with. Everything has a value that a fresh company would have, except the secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

RATES = {
    "USD": Decimal(1),
    "EUR": Decimal("0.92"),
    "GBP": Decimal("0.79"),
    "JPY": Decimal("151.4"),
    "VND": Decimal(25300),
    "KWD": Decimal("0.307"),
}


@dataclass(frozen=True)
class Credentials:
    """An app that may sign in: client credentials always, JWT bearer where `public_key` (PEM) is registered."""

    client_id: str
    client_secret: str = field(repr=False)
    username: str
    public_key: str | None = None


@dataclass(frozen=True)
class SignInApp:
    """An external client app through which people sign in to something else, by the authorization code flow.

    `callbacks`: the addresses it may send people back to, letter by letter. `loopback_paths`: paths that are as good on
    any port of this machine, which no real org has: a local world does not know beforehand which port it gets.
    """

    client_id: str
    client_secret: str = field(repr=False)
    name: str = "Dueline"
    callbacks: tuple[str, ...] = ()
    loopback_paths: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("id", "profile", "email", "openid", "api")
    secret_required: bool = True
    pkce_required: bool = True


@dataclass(frozen=True)
class OrgUser:
    """A person in the org: standard rights on standard objects, and those of the permission sets."""

    name: str
    role: str
    client_id: str
    client_secret: str = field(repr=False)
    permission_sets: tuple[str, ...] = ()

    @property
    def username(self) -> str:
        """Their Salesforce username, made of the name."""
        return ".".join(self.name.lower().split()) + "@dueline.example"


@dataclass(frozen=True)
class OrgConfig:
    """One local org. `metadata` is the SFDX project, `data` a file that keeps the rows; a moved date is written to
    `today_file` for other processes to follow.
    """

    metadata: Path
    integration: Credentials
    org_admin: Credentials
    users: tuple[OrgUser, ...] = ()
    sign_in: SignInApp | None = None
    sharing: Mapping[str, str] = field(default_factory=dict)  # of standard objects; those not named are open to all
    sharing_rules: tuple[tuple[str, str, str], ...] = ()  # username, object, Read or Edit: on every row of it
    data: Path | None = None
    today_file: Path | None = None
    integration_permission_sets: tuple[str, ...] = ("Dueline_Integration",)
    account_teams: bool = True  # off in a fresh real org: an administrator enables them
    multi_currency: bool = True
    corporate_currency: str = "USD"
    rates: Mapping[str, Decimal] = field(default_factory=lambda: RATES)  # active currencies: units per corporate unit
    time_zone: str = "UTC"
    daily_api_limit: int = 100_000
    default_api_version: int = 66
    api_versions: range = range(31, 68)  # older ones are retired (410), newer ones do not exist yet (404)
    session_minutes: float = 120
    code_minutes: float = 15  # how long an authorization code may be exchanged
    locator_minutes: float = 2 * 24 * 60
    request_ms: float = 0
