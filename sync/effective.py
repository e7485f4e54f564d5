"""What holds: the environment first, then what was set on finance's page, then the defaults.

The environment is the engineer's: what it sets cannot be changed on the page. Both pass the same models
(sync.settings). What is stored and does not pass any more, because a release has changed or another key sealed it, is
told and left out: a page that anybody can mend is worth more than a process that does not start.

An address that was entered on the page is never combined with a secret of the environment: whoever may write the one
could otherwise have the other sent to a place of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from sync.db import config, secrets
from sync.settings import Rules, Salesforce, Settings, StripeConnection
from sync.vault import Vault, VaultError

_Model = TypeVar("_Model", bound=BaseModel)

RULES, CONNECTIONS = "rules", "connections"  # areas of sync.db.config
CLIENT_SECRET, PRIVATE_KEY = "salesforce:client_secret", "salesforce:private_key"


@dataclass(frozen=True, slots=True)
class Effective:
    """The settings that hold, and in words what was stored on the page and cannot be used."""

    settings: Settings
    problems: tuple[str, ...] = ()


def api_key(connection: str) -> str:
    """The name of the secret that holds a Stripe connection's key."""
    return f"stripe:{connection}:api_key"


def signing(connection: str) -> str:
    """How the names of a Stripe connection's signing secrets begin; a number follows."""
    return f"stripe:{connection}:webhook_secret:"


def read(conn: Connection, environment: Settings, vault: Callable[[], Vault]) -> Effective:
    """What holds now. `vault` is only asked where there are secrets; what it cannot open is told."""
    rules, connections = config.current(conn, RULES), config.current(conn, CONNECTIONS)
    opened, problems = _opened(secrets.sealed(conn), vault)
    found = combine(environment, rules.value if rules else {}, connections.value if connections else {}, opened)
    return Effective(found.settings, (*problems, *found.problems))


def _opened(sealed: Mapping[str, bytes], vault: Callable[[], Vault]) -> tuple[dict[str, str], list[str]]:
    opened, problems = {}, []
    for name, value in sealed.items():
        try:
            opened[name] = vault().open(value)
        except VaultError as error:
            problems.append(f"{name.replace(':', ' ').replace('_', ' ')}: {error}")
    return opened, problems


def combine(
    environment: Settings, rules: Mapping[str, Any], connections: Mapping[str, Any], opened: Mapping[str, str]
) -> Effective:
    """The environment over what the page holds. `opened`: secrets in clear, by name."""
    problems: list[str] = []
    ours = environment.model_fields_set
    values: dict[str, Any] = {name: value for name, value in _rules(rules, problems).items() if name not in ours}
    if environment.salesforce is None and connections.get("salesforce"):
        values["salesforce"] = _salesforce(connections["salesforce"], opened, problems)
    values["stripe"] = {**environment.stripe, **_stripes(environment, connections.get("stripe", {}), opened, problems)}
    return Effective(environment.model_copy(update=values), tuple(problems))


def from_environment(environment: Settings) -> frozenset[str]:
    """The rules that the environment sets, by name."""
    return frozenset(environment.model_fields_set & Rules.model_fields.keys())


def _rules(stored: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Those of the stored rules that can be used."""
    usable = {name: value for name, value in stored.items() if name in Rules.model_fields}
    try:
        found = Rules.model_validate(usable)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = str(problem["loc"][0])
            usable.pop(name, None)
            problems.append(f"the rule {name.replace('_', ' ')} {problem['msg'].removeprefix('Value error, ')}")
        found = Rules.model_validate(usable)
    return {name: getattr(found, name) for name in usable}


def _salesforce(stored: Mapping[str, Any], opened: Mapping[str, str], problems: list[str]) -> Salesforce | None:
    hidden = {"client_secret": opened.get(CLIENT_SECRET), "private_key": opened.get(PRIVATE_KEY)}
    return _made(Salesforce, {**stored, **hidden}, "the connection to Salesforce", problems)


def _stripes(
    environment: Settings, stored: Mapping[str, Any], opened: Mapping[str, str], problems: list[str]
) -> dict[str, StripeConnection]:
    found = {}
    for name in sorted({*stored, *environment.stripe}):
        live = tuple(value for key, value in opened.items() if key.startswith(signing(name)))
        hidden = {"webhook_secrets": live, "api_key": opened.get(api_key(name))}
        told = {part: value for part, value in hidden.items() if value}
        set_ = environment.stripe.get(name)
        if set_ is not None:
            given = {part: getattr(set_, part) for part in set_.model_fields_set}
            told = {part: value for part, value in told.items() if not given.get(part)}
            found[name] = set_.model_copy(update=_secret_parts(told))
        elif told:  # until then it was only begun
            made = _made(StripeConnection, {**stored[name], **told}, f"the connection {name}", problems)
            found |= {name: made} if made else {}
    return found


def _secret_parts(told: Mapping[str, Any]) -> dict[str, Any]:
    made = StripeConnection.model_validate(told) if told else None
    return {part: getattr(made, part) for part in told}


def _made(model: type[_Model], values: Mapping[str, Any], what: str, problems: list[str]) -> _Model | None:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            part = " ".join(str(each).replace("_", " ") for each in problem["loc"])
            problems.append(f"{what}: {part} {problem['msg'].removeprefix('Value error, ')}".replace("  ", " "))
        return None
