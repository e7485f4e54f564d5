"""Problems that need a person, told on every page to whoever can do something about them.

They are as of some seconds ago, shared by all requests of the process; where even that fails, pages do without.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from flask import request, url_for

from sync.admin.gate import run
from sync.admin.health.standing import watch
from sync.core.condition import Alarm, alarms

log = structlog.get_logger()

_MOST = 3  # banners on a page; the health screen tells all
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SCREENS = {"health": "health.page", "parked": "health.parked_page", "setup": "setup.page", "rules": "rules.page"}


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
    """Every problem that needs a person, the worst first. Never raises: a page that is asked for must come."""
    try:
        return [_banner(alarm) for alarm in (*alarms(watch.condition(run())), *_address())]
    except Exception:
        log.exception("banners not known")
        return []


def _address() -> Iterator[Alarm]:
    """Whether people come by an address that we do not know."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if run().settings.public_url is None and host not in _LOCAL:
        what = "Dueline does not know its own address."
        yield Alarm(what, f"Set DUELINE_PUBLIC_URL, for example to https://{request.host}.", "setup", error=False)


def _banner(alarm: Alarm) -> Banner:
    href = url_for(_SCREENS[alarm.screen]) if alarm.screen in _SCREENS else None
    return Banner(alarm.what, alarm.fix, None if href == request.script_root + request.path else href, alarm.error)
