"""Who is who in the local world: made up once for a home, kept in its `local.json`, the same for every process."""

import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from connector.local.org.server import Credentials, OrgConfig, OrgUser, SignInApp
from connector.local.stripe.desk import StripeConfig

CONNECTION = "main"
ORG_CONNECTION = "org"
METADATA = Path(__file__).resolve().parents[2] / "salesforce_metadata"
_COMPANY = Path(__file__).resolve().parent / "company"  # fields that the company of the demo has made itself

_PEOPLE = (
    ("Ada Okafor", "Account Executive", ("Dueline_User",)),
    ("Ben Sato", "Account Executive", ("Dueline_User",)),
    ("Chloe Martin", "Account Executive", ("Dueline_User",)),
    ("Dana Weiss", "Customer Success Manager", ("Dueline_User",)),
    ("Farid Nasser", "Finance", ("Dueline_Finance",)),
    ("Gina Rossi", "Marketing", ()),
)
_INTEGRATION = "dueline@integration.example"
_CALLBACK = "/admin/signin/salesforce/callback"  # where the page takes people who come back from signing in


@dataclass(frozen=True)
class Person:
    """Somebody to act as in the local org."""

    name: str
    role: str
    permission_sets: tuple[str, ...]
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Identities:
    """Every secret of one local world."""

    webhook_secret: str
    stripe_key: str
    integration_secret: str
    admin_secret: str
    sign_in_secret: str
    hook_token: str
    people: tuple[Person, ...]

    integration_id = "dueline-integration"
    admin_id = "dueline-org-admin"
    sign_in_id = "dueline-sign-in"


def identities(home: Path) -> Identities:
    """Those of a home; made up if it has none yet."""
    file = home / "local.json"
    if file.exists():
        stored = json.loads(file.read_text())
        people = tuple(
            Person(**{**item, "permission_sets": tuple(item["permission_sets"])}) for item in stored["people"]
        )
        kept = Identities(**{"sign_in_secret": secrets.token_hex(16), **stored, "people": people})
        if "sign_in_secret" not in stored:  # a home that was made before people could sign in
            file.write_text(json.dumps(asdict(kept), indent=2))
        return kept
    made = Identities(
        webhook_secret=f"whsec_{secrets.token_hex(16)}",
        stripe_key=f"rk_test_{secrets.token_hex(16)}",
        integration_secret=secrets.token_hex(16),
        admin_secret=secrets.token_hex(16),
        sign_in_secret=secrets.token_hex(16),
        hook_token=secrets.token_hex(16),
        people=tuple(
            Person(name, role, sets, name.split()[0].lower(), secrets.token_hex(16)) for name, role, sets in _PEOPLE
        ),
    )
    home.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(made), indent=2))
    return made


def today_file(home: Path) -> Path:
    """Where the local org's clock control tells the other processes of a moved date."""
    return home / "today.json"


def _with_own_fields(home: Path) -> Path:
    """The package beside what the company had before: an org of nothing but ours would be no org to map fields in."""
    project = home / "org"
    if not project.exists():
        shutil.copytree(METADATA / "force-app", project / "force-app")
        shutil.copytree(_COMPANY, project / "force-app/main/default", dirs_exist_ok=True)
    return project


def org_config(home: Path, *, request_ms: float = 0.0) -> OrgConfig:
    """The local org of a home."""
    who = identities(home)
    return OrgConfig(
        metadata=_with_own_fields(home),
        integration_permission_sets=("Dueline_Integration", "Company_Billing_Fields"),
        integration=Credentials(who.integration_id, who.integration_secret, _INTEGRATION),
        org_admin=Credentials(who.admin_id, who.admin_secret, "admin@dueline.example"),
        users=tuple(
            OrgUser(person.name, person.role, person.client_id, person.client_secret, person.permission_sets)
            for person in who.people
        ),
        sign_in=SignInApp(who.sign_in_id, who.sign_in_secret, loopback_paths=(_CALLBACK,)),
        # everybody reads, owners and account teams edit; what Dueline writes on accounts a sharing rule allows it
        sharing={"Account": "Read", "Opportunity": "Read", "Case": "Read", "Task": "ControlledByParent"},
        sharing_rules=((_INTEGRATION, "Account", "Edit"),),
        data=home / "org.db",
        today_file=today_file(home),
        request_ms=request_ms,
    )


def stripe_config(home: Path, *, targets: tuple[tuple[str, str], ...] = ()) -> StripeConfig:
    """The local Stripe account of a home."""
    return StripeConfig(
        api_key=identities(home).stripe_key, targets=targets, data=home / "stripe", today_file=today_file(home)
    )
