"""What the HTTP surface shares: accounts, keys, faults to come, calls counted, and the courier."""

import random
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from connector.local.stripe.book import API_VERSION, TodayClock
from connector.local.stripe.refusal import Json, StripeRefusal
from connector.local.stripe.store import Store
from connector.local.stripe.webhooks import Courier, Target
from connector.local.stripe.world import World

OWN_ACCOUNT = "acct_local"
_REPLAYS_KEPT = 10_000


@dataclass(frozen=True)
class StripeConfig:
    """How the stand-in is set up.

    `targets`: (url, signing secret) of webhook endpoints. `data`: a folder in which objects survive a restart.
    `api_version`: of events, and of answers to requests that name none. `restricted_keys`: further keys, each with
    the permissions it has (`rak_invoice_read` …). `today_file`: JSON `{"today": "YYYY-MM-DD" | null}`, the world's day.
    """

    api_key: str = "sk_test_local"
    targets: tuple[tuple[str, str], ...] = ()
    data: Path | None = None
    seed: int = 0
    api_version: str = API_VERSION
    today_file: Path | None = None
    restricted_keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass
class Fault:
    """A misbehaviour, `times` more: `status` and `rate_limit` are answers, `drop` closes the connection instead.

    `when`: before the request is carried out, or after (the caller cannot tell).
    """

    kind: str
    times: int = 1
    path: str = "*"
    status: int = 500
    retry_after: int | None = None
    when: str = "before"

    def __post_init__(self) -> None:
        if self.kind not in ("status", "drop", "rate_limit") or self.when not in ("before", "after"):
            raise StripeRefusal(400, "kind is status, drop or rate_limit; when is before or after")

    def refusal(self) -> StripeRefusal:
        """The answer that this fault gives."""
        if self.kind == "rate_limit":
            return StripeRefusal(429, "Too many requests. Please back off.", code="rate_limit")
        message = "An unknown error occurred"
        return StripeRefusal(self.status, message, type="api_error" if self.status >= 500 else "invalid_request_error")


@dataclass
class Replay:
    """The answer given to an idempotency key, and the request it belonged to."""

    fingerprint: tuple[str, ...]
    status: int
    body: Json


class Desk:
    """The state behind the server; safe to use from its threads."""

    def __init__(self, config: StripeConfig) -> None:
        self.config = config
        self.clock = TodayClock(config.today_file)
        self.courier = Courier([Target(*each) for each in config.targets], api_version=config.api_version)
        self.delay = 0.0
        self.dice = random.Random(config.seed)  # noqa: S311 - when a slow answer reads, no secret
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._replays: OrderedDict[tuple[str, str], Replay] = OrderedDict()
        self._worlds: dict[str | None, World] = {}
        self.world(None)
        for known in config.data.glob("acct_*.sqlite") if config.data else ():
            if known.stem != OWN_ACCOUNT:
                self.world(known.stem)

    def world(self, account: str | None) -> World:
        """The account's world (None: the key's own), made when it is new."""
        account = None if account == OWN_ACCOUNT else account
        with self._lock:
            if account not in self._worlds:
                self._worlds[account] = World(
                    Store(self._file(account)),
                    clock=self.clock,
                    seed=self.config.seed,
                    account=account,
                    api_version=self.config.api_version,
                )
            self._worlds[account].pending_webhooks = len(self.courier.targets)
            return self._worlds[account]

    def connected(self, account: str | None) -> bool:
        """Whether there is such an account."""
        return account in self._worlds or account == OWN_ACCOUNT

    def close(self) -> None:
        """Stop delivering and release the files."""
        self.courier.close()
        for world in self._worlds.values():
            world.store.close()

    def add_fault(self, fault: Fault) -> None:
        """Misbehave from the next matching call on."""
        with self._lock:
            self._faults.append(fault)

    def next_fault(self, path: str) -> Fault | None:
        """The fault that hits this call, used up by it."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fnmatchcase(path, fault.path):
                    fault.times -= 1
                    return fault
        return None

    def count(self, name: str) -> None:
        """Remember an API call by its method and path template."""
        with self._lock:
            self.calls[name] += 1

    def replay(self, account: str, key: str, fingerprint: tuple[str, ...]) -> Replay | None:
        """The answer this idempotency key already got. Refuses a key that was used for something else."""
        with self._lock:
            known = self._replays.get((account, key))
        if known and known.fingerprint != fingerprint:
            raise StripeRefusal(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                type="idempotency_error",
            )
        return known

    def remember(self, account: str, key: str, replay: Replay) -> None:
        """Answer the same to the same key from now on."""
        with self._lock:
            self._replays[account, key] = replay
            while len(self._replays) > _REPLAYS_KEPT:
                self._replays.popitem(last=False)

    def _file(self, account: str | None) -> Path | None:
        if self.config.data is None:
            return None
        self.config.data.mkdir(parents=True, exist_ok=True)
        return self.config.data / f"{account or OWN_ACCOUNT}.sqlite"
