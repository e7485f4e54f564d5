"""One org: its schema, rows, users, clock, faults and counters, put together."""

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any

from connector.local.org import access, plan
from connector.local.org.assignments import Assignments
from connector.local.org.clock import Clock
from connector.local.org.config import Credentials, OrgConfig, OrgUser
from connector.local.org.cursors import Cursors
from connector.local.org.dml import Writer
from connector.local.org.faults import Calls, Faults
from connector.local.org.formulas import Formulas, check_formulas
from connector.local.org.journal import Journal
from connector.local.org.metadata import MetadataError
from connector.local.org.model import OrgError, Row, Schema
from connector.local.org.outbound import Outbound, Subscription
from connector.local.org.removal import Remover
from connector.local.org.schema import load_schema
from connector.local.org.seed import seed
from connector.local.org.sessions import Sessions, app_of
from connector.local.org.sharing import Level, Shared, read_sharing
from connector.local.org.sign_in import SignIn
from connector.local.org.signing_key import SigningKey
from connector.local.org.store import Store


@dataclass
class View:
    """The org as one user sees it with certain rights."""

    user_id: str
    access: access.Access
    shared: Shared
    plans: dict[str, plan.Plan] = field(default_factory=dict)
    described: dict[str, bytes] = field(default_factory=dict)


@dataclass
class UserSource:
    """What a query of one user may read (`model.Source`)."""

    schema: Schema
    today: date
    now: datetime
    zone: tzinfo
    user_id: str
    _store: Store
    _formulas: Formulas
    _shared: Shared

    def rows(self, sobject: str) -> Iterable[Row]:
        """Every row of the object, deleted ones included."""
        return self._readable(sobject, self._store.table(sobject).rows.values())

    def by_id(self, sobject: str, record_id: str) -> Row | None:
        """The row with that id, deleted or not."""
        row = self._store.table(sobject).rows.get(record_id)
        return row if row is not None and self._shared.may(sobject, row, Level.READ) else None

    def matching(self, sobject: str, name: str, values: Iterable[Any]) -> Iterable[Row] | None:
        """Rows whose field equals one of the values, where that field is indexed."""
        table = self._store.table(sobject)
        if name == "Id":
            return [row for value in values if (row := self.by_id(sobject, value)) is not None]
        found = [table.find(name, value) for value in values]
        if any(ids is None for ids in found):
            return None
        rows = [table.rows[record_id] for record_id in dict.fromkeys(one for ids in found for one in ids or ())]
        return self._readable(sobject, rows)

    def changed_since(self, sobject: str, moment: datetime) -> Iterable[Row]:
        """Rows that changed at that moment or later."""
        table = self._store.table(sobject)
        return self._readable(sobject, [table.rows[record_id] for record_id in table.stamps.since(moment)])

    def _readable(self, sobject: str, rows: Collection[Row]) -> Collection[Row]:
        """Those that are shared with the user: all of them, untouched, where the object is."""
        test = self._shared.test(sobject, Level.READ)
        return rows if test is None else [row for row in rows if test(row)]

    def value(self, sobject: str, row: Row, name: str) -> Any:
        """The field's value in the row, formulas computed."""
        whole = self._store.table(sobject).sobject
        own = whole.get(name)
        if own is None or own.formula is None:
            return row.get(own.name if own else name)
        return self._formulas.value(whole, row, own, self.now)


class Org:
    """Everything behind the HTTP of one org."""

    def __init__(self, config: OrgConfig) -> None:
        self.config = config
        self.clock = Clock(config.time_zone, config.today_file)
        self.journal = Journal(config.data)
        currencies = tuple(config.rates) if config.multi_currency else ()
        loaded = load_schema(
            config.metadata,
            currencies=currencies,
            corporate=config.corporate_currency,
            prefixes=self.journal.fact("prefixes"),
            account_teams=config.account_teams,
        )
        self.schema, self.rules = loaded.schema, loaded.rules
        self.permission_sets = access.read_permission_sets(config.metadata, self.schema)
        custom = {item.name: item.key_prefix for item in self.schema.objects.values() if item.custom}
        self.journal.remember("prefixes", (self.journal.fact("prefixes") or {}) | custom)
        self.store = Store(self.schema, self.journal)
        labels = {name: grants.label or name for name, grants in self.permission_sets.items()}
        self._check_sets()
        seed(self.store, config, labels, self.clock.stamp)
        check_formulas(self.schema, self.rules)
        self.formulas = Formulas(self.schema, self.store, self.clock)
        self.faults = Faults()
        self.cursors = Cursors(config.locator_minutes)
        self.calls = Calls(config.daily_api_limit)
        self.org_id: str = next(iter(self.store.table("Organization").rows))
        users = {row["Username"]: row["Id"] for row in self.store.table("User").rows.values()}
        signing_in: list[Credentials | OrgUser] = [config.integration, config.org_admin, *config.users]
        apps = [app_of(item, users[item.username]) for item in signing_in]
        self.sessions = Sessions(self.org_id, apps, config.session_minutes)
        self.sign_in = SignIn(config.sign_in, config.code_minutes)
        self.signing_key = SigningKey(self.journal)
        self.outbound = Outbound(self.store, self.org_id, silent_user=users[config.integration.username])
        self.store.listeners.append(self.outbound.note)
        self.subscribe(_subscription(self.journal.fact("outbound")))
        self.assignments = Assignments(self.store)
        self._granted = self._grants(users)
        self._sharing = read_sharing(config, self.store, loaded.sharing, users)
        self._views: dict[tuple[int, str, frozenset[str]], View] = {}
        self._views_lock = threading.Lock()

    def _grants(self, users: dict[str, str]) -> dict[str, Callable[[frozenset[str]], access.Access]]:
        """How the access of each user is worked out, from the permission sets held at that time."""
        config = self.config
        granted: dict[str, Callable[[frozenset[str]], access.Access]] = {}
        granted[users[config.org_admin.username]] = lambda _: access.administrator(self.schema)
        api = users[config.integration.username]
        granted[api] = lambda revoked: access.integration(self.schema, self._sets(api), revoked)
        for user_id in (users[person.username] for person in config.users):
            granted[user_id] = partial(self._person, user_id)
        return granted

    def _person(self, user_id: str, revoked: frozenset[str]) -> access.Access:
        return access.person(self.schema, self._sets(user_id), revoked)

    def _sets(self, user_id: str) -> list[access.Grants]:
        held = self.assignments.of(user_id)
        return [self.permission_sets[name] for name in held if name in self.permission_sets]

    def _check_sets(self) -> None:
        """Whoever is configured holds permission sets that there are. Raises MetadataError."""
        config = self.config
        asked = {*config.integration_permission_sets, *(name for each in config.users for name in each.permission_sets)}
        missing = sorted(asked - set(self.permission_sets))
        if missing:
            known = ", ".join(self.permission_sets) or "none"
            raise MetadataError(f"There is no permission set {missing[0]} in the metadata (there are: {known}).")

    def view(self, user_id: str, revoked: frozenset[str] = frozenset()) -> View:
        """The org as that user sees it, without the fields that a fault has revoked."""
        version = self.assignments.version  # read first: what is worked out is at least as new as this says
        with self._views_lock:
            if (version, user_id, revoked) not in self._views:
                seen = self._granted[user_id](revoked)
                self._views = {key: view for key, view in self._views.items() if key[0] >= version}
                self._views[version, user_id, revoked] = View(user_id, seen, self._sharing.of(user_id, seen.rights))
            return self._views[version, user_id, revoked]

    def subscribe(self, subscription: Subscription | None) -> None:
        """Send outbound messages to that address from now on, after restarts too; None ends it."""
        with self.store.lock:
            self.journal.remember("outbound", subscription and asdict(subscription))
        self.outbound.subscribe(subscription)

    def source(self, view: View) -> UserSource:
        """What a query of that user reads."""
        clock, seen = self.clock, view.access.schema
        rows = (self.store, self.formulas, view.shared)
        return UserSource(seen, clock.today, clock.now, clock.zone, view.user_id, *rows)

    def writer(self, view: View, stamp: datetime | None = None) -> Writer:
        """Writes as that user, now or at an earlier instant."""

        def plan_of(sobject: str) -> plan.Plan:
            return self._plan(view, sobject)

        at = stamp or self.clock.stamp
        return Writer(self.store, self.formulas, self.rules, plan_of, view.shared, view.user_id, at)

    def remover(self, view: View, stamp: datetime | None = None) -> Remover:
        """Deletes as that user."""
        return Remover(self.writer(view, stamp), self.schema)

    def _plan(self, view: View, sobject: str) -> plan.Plan:
        name = sobject.lower()
        made = view.plans.get(name)
        if made is None:
            seen, whole = view.access.schema.get(name), self.schema.get(name)
            if seen is None or whole is None:
                raise OrgError("INVALID_TYPE", f"sObject type '{sobject}' is not supported.")
            rights = view.access.rights[name]
            made = plan.make_plan(whole, seen, rights, self.store, self.is_active_currency, view.user_id)
            view.plans[name] = made
        return made

    def is_active_currency(self, code: str) -> bool:
        """Whether rows may be in that currency."""
        return code in self.active_currencies()

    def active_currencies(self) -> tuple[str, ...]:
        """ISO codes; administrators may activate more at any time."""
        rows = list(self.store.table("CurrencyType").rows.values()) if self.config.multi_currency else ()
        return tuple(row["IsoCode"] for row in rows if row["IsActive"] and not row["IsDeleted"])

    def close(self) -> None:
        """End what runs in the background, and close the file that keeps the rows."""
        self.outbound.stop()
        with self.store.lock:
            self.journal.close()


def _subscription(kept: dict[str, Any] | None) -> Subscription | None:
    """The one that a former run has left."""
    return None if kept is None else Subscription(kept["url"], tuple(kept["objects"]), kept["org_url"])
