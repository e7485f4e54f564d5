"""How often somebody may try to sign in: per name, so that no password is found by trying, and per address, so that no
list of names is gone through.

Counted in Redis, for all processes together; while Redis is away, by each process alone. Names are kept as digests:
people type passwords into the wrong field.
"""

import ipaddress
import math
import time
from collections.abc import Sequence
from functools import cache

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

from sync.db.sessions import digest

log = structlog.get_logger()

PER_NAME = RateLimitItemPerMinute(10, 5, namespace="sign-in-name")
PER_ADDRESS = RateLimitItemPerMinute(60, 5, namespace="sign-in-address")
_ANSWER_S = 1.0  # within which Redis must answer
_AGAIN_S = 10.0  # after which it is asked again


class TooManyTriesError(Exception):
    """Too many tries; the next is allowed in `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many tries. Wait {_in_words(wait_s)}, then try again.")
        self.wait_s = wait_s


class Tries:
    """Counts tries."""

    def __init__(self, redis_url: str) -> None:
        url = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
        storage = storage_from_string(url, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S)
        self._shared: RateLimiter = MovingWindowRateLimiter(storage)
        self._own: RateLimiter = MovingWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    def take(self, name: str, address: str) -> None:
        """Count a try before it is made. Raises TooManyTriesError."""
        self._counted([(PER_ADDRESS, network(address)), (PER_NAME, digest(name))])

    def forgive(self, name: str) -> None:
        """It was them: their name's tries are forgotten. Those of the address are not, or one's own would do."""
        if time.monotonic() < self._away_until:
            self._own.clear(PER_NAME, digest(name))
            return
        try:
            self._shared.clear(PER_NAME, digest(name))
        except RedisError:
            self._leave_out()

    def _counted(self, wanted: Sequence[tuple[RateLimitItem, str]]) -> None:
        if time.monotonic() >= self._away_until:
            try:
                _hit(self._shared, wanted)
            except RedisError:
                self._leave_out()
            else:
                return
        _hit(self._own, wanted)

    def _leave_out(self) -> None:
        self._away_until = time.monotonic() + _AGAIN_S
        log.warning("Redis is away: each process counts tries to sign in alone")


def _hit(limiter: RateLimiter, wanted: Sequence[tuple[RateLimitItem, str]]) -> None:
    for item, key in wanted:
        if not limiter.hit(item, key):
            reset = limiter.get_window_stats(item, key).reset_time
            raise TooManyTriesError(max(1, math.ceil(reset - time.time())))


def network(address: str) -> str:
    """What one household or office has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


@cache
def tries_of(redis_url: str) -> Tries:
    """The counter of this process for a Redis."""
    return Tries(redis_url)


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
