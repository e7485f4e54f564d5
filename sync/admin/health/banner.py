"""Problems that need a person, told on every page to whoever can do something about them.

They are as of some seconds ago, shared by all requests of the process; where even that fails, pages do without.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from flask import request, url_for
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from sync.admin.gate import run
from sync.admin.health.standing import watch
from sync.core.condition import Alarm, alarms
from sync.vault import VaultError

log = structlog.get_logger()

_MOST = 3  # banners on a page; the health screen tells all
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SCREENS = {"health": "health.page", "parked": "health.parked", "setup": "setup.page", "rules": "rules.page"}


@dataclass(frozen=True, slots=True)
class Banner:
    """What, what to do about it, and where. `error`: figures may be wrong or late because of it."""

    what: str
    fix: str
    href: str | None
    error: bool


def banners() -> Iterator[Banner]:
    """The worst problems, for the head of every page."""
    yield from every_banner()[:_MOST]


def every_banner() -> list[Banner]:
    """Every problem that needs a person, the worst first."""
    try:
        found = list(alarms(watch.condition(run())))
    except (SQLAlchemyError, RedisError, VaultError) as error:
        log.warning("banners not known", reason=str(error).splitlines()[0])
        return []
    return [_banner(alarm) for alarm in (*found, *_address())]


def _address() -> Iterator[Alarm]:
    """Whether people come by an address that we do not know."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if run().settings.public_url is None and host not in _LOCAL:
        what = "Dueline does not know its own address."
        yield Alarm(what, f"Set DUELINE_PUBLIC_URL, for example to https://{request.host}.", "setup", error=False)


def _banner(alarm: Alarm) -> Banner:
    href = url_for(_SCREENS[alarm.screen]) if alarm.screen in _SCREENS else None
    return Banner(alarm.what, alarm.fix, None if href == request.script_root + request.path else href, alarm.error)
