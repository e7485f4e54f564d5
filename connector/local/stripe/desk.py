"""What the HTTP surface shares: accounts, keys, faults to come, calls counted, and the courier."""

import random
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connector.local.stripe.book import API_VERSION, TodayClock
from connector.local.stripe.endpoints import targets_of
from connector.local.stripe.faults import Faults
from connector.local.stripe.refusal import Json, StripeRefusal
from connector.local.stripe.store import Store
from connector.local.stripe.webhooks import Courier, Target
from connector.local.stripe.world import World

OWN_ACCOUNT = "acct_local"
SENDERS = 4  # webhooks under way at once in the background
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
        self.faults = Faults()
        self.courier = Courier(
            [Target(*each) for each in config.targets],
            api_version=config.api_version,
            senders=SENDERS,
            fate=self.faults.of_delivery,
        )
        self.delay = 0.0
        self.dice = random.Random(config.seed)  # noqa: S311 - when a slow answer reads, no secret
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._replays: OrderedDict[tuple[str, str], Replay] = OrderedDict()
        self._worlds: dict[str | None, World] = {}
        self.endpoints_changed()
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
            self._worlds[account].pending_webhooks = len(self.courier.targets) + len(self.courier.endpoints)
            return self._worlds[account]

    def endpoints_changed(self) -> None:
        """Deliver to the webhook endpoints that the account has now."""
        self.courier.endpoints = targets_of(self.world(None))

    def connected(self, account: str | None) -> bool:
        """Whether there is such an account."""
        return account in self._worlds or account == OWN_ACCOUNT

    def close(self) -> None:
        """Stop delivering and release the files."""
        self.courier.close()
        for world in self._worlds.values():
            world.store.close()

    def heal(self) -> None:
        """Behave from now on; webhooks that were kept back go out, with the `created` they always had."""
        self.faults.heal()
        self.delay = 0.0
        self.courier.outbound.release()

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
