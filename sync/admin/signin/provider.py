"""Where people sign in with Salesforce: the environment's app if it names one, else the one entered on the page.

One or the other as a whole: an address from the page never gets a secret of the environment.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError
from sqlalchemy import Connection

from sync.admin import access
from sync.bootstrap import Runtime
from sync.db import config, secrets
from sync.settings import SignIn
from sync.vault import VaultError

SECRET = "sign_in:client_secret"  # noqa: S105 - its name in sync.db.secrets


@dataclass(frozen=True, slots=True)
class Provider:
    """An org's external client app. `login_url`: its My Domain."""

    login_url: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Provider({self.login_url!r}, {self.client_id!r})"


def configured(run: Runtime, conn: Connection) -> Provider | None:
    """The app with which people sign in; None while there is none."""
    environment = run.environment or run.settings
    app = environment.sign_in or _stored(run, conn)
    if app is None:
        return None
    address = app.login_url or (environment.salesforce.login_url if environment.salesforce else None)
    return Provider(address, app.client_id, app.client_secret.get_secret_value()) if address else None


def stored(conn: Connection) -> dict[str, Any]:
    """The area as it is stored now."""
    current = config.current(conn, access.AREA)
    return dict(current.value) if current and isinstance(current.value, dict) else {}


def put(conn: Connection, part: str, value: Any, by: str, **how: Any) -> None:
    """Save the area with one of its parts changed; None takes it out. Further arguments are those of config.add."""
    area = {**stored(conn), part: value}
    config.add(conn, access.AREA, {name: each for name, each in area.items() if each is not None}, by, **how)


def _stored(run: Runtime, conn: Connection) -> SignIn | None:
    """What was entered on the page, its address included; None where that is nothing that can be used."""
    parts = stored(conn).get("sign_in")
    sealed = secrets.sealed(conn).get(SECRET)
    if not parts or not parts.get("login_url") or sealed is None:
        return None
    try:
        return SignIn(**parts, client_secret=SecretStr(run.vault.open(sealed)))
    except (ValidationError, VaultError, TypeError):
        return None
