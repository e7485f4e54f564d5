"""The pipeline's view of Salesforce, on top of the connector."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from typing import Any

import structlog

from connector.errors import ConnectorError, MisconfiguredError, RetryableError
from connector.salesforce import read, tasks, write
from connector.salesforce.describe import Currency, Exposure, FieldFacts
from connector.salesforce.fields import TARGETS
from connector.salesforce.limits import ApiUsage
from connector.salesforce.rehearsal import Scene, tried
from connector.salesforce.rows import fit
from connector.salesforce.session import OrgLogin, OrgSession
from sync.adapters.meter import CallMeter
from sync.core.budget import Priority
from sync.core.currency import OrgMoney
from sync.core.fieldmap.orgfield import OrgField
from sync.core.linking import AccountCard
from sync.core.projection import SalesforceRow
from sync.db.links import AccountRow
from sync.pipeline.accounts import AccountState, OrgAwayError
from sync.pipeline.answers import TaskOutcome, Verdict
from sync.pipeline.preview import Refusal
from sync.settings import Salesforce, Settings

log = structlog.get_logger()

_NO_LOGIN = frozenset({"INVALID_SESSION_ID", "API_DISABLED_FOR_ORG"})
_CARD_FIELDS = ("Name", "Website", "Owner.Name")
_ASK_A_PERSON_S = 30.0  # how long to wait before trying again what only a person can mend


class SalesforceOrg:
    """One org as the pipeline sees it: sync.pipeline.publish.Org. Safe to share by threads."""

    def __init__(self, settings: Settings, salesforce: Salesforce, meter: CallMeter) -> None:
        self._meter = meter
        self._bulk_from = settings.bulk_from
        self._home = settings.org_currency
        self._rates = settings.exchange_rates
        self.session = OrgSession(login_of(salesforce), on_call=self._called, allow=meter.require)
        self.exposure = Exposure(self.session)
        self._currencies: tuple[Currency, ...] | None = None

    def _called(self, calls: int, usage: ApiUsage | None) -> None:
        self._meter.count(calls, usage.used if usage else None, usage.maximum if usage else None)

    def allows(self, priority: Priority) -> bool:
        """Whether the API budget has room for calls of this priority."""
        return self._meter.budget().allows(priority)

    def slow(self) -> bool:
        """Whether so much of the API budget is spent that rows should be gathered for longer."""
        return self._meter.budget().slow

    def poll_every_s(self, wanted_s: float) -> float:
        """How often the API budget lets us look for changes, if `wanted_s` is how often we would like to."""
        return self._meter.budget().poll_every_s(wanted_s)

    def money(self) -> OrgMoney:
        """The org's currencies; those of finance's settings where it has one only. While the org is away, as last read.

        Raises OrgAwayError.
        """
        try:
            with asking():
                self._currencies = self.exposure.org_currencies()
        except OrgAwayError:
            if self._currencies is None:
                raise
        listed = self._currencies
        if not listed:
            return OrgMoney(self._home, multi=False, rates=self._rates)
        home = next(item.code for item in listed if item.corporate)
        return OrgMoney(home, multi=True, rates={item.code: item.rate for item in listed})

    def write(self, kind: str, rows: Sequence[SalesforceRow], priority: Priority) -> list[Verdict]:
        """Write rows of one kind, one verdict each, in their order. Never raises what Salesforce says."""
        target = TARGETS[kind]
        try:
            if kind == "task":
                return self._put_tasks(rows, priority)
            if target.key == "Id":
                results = write.update(
                    self.session, self.exposure, target.object, rows, bulk_from=self._bulk_from, priority=priority
                )
            else:
                results = write.upsert(
                    self.session,
                    self.exposure,
                    target.object,
                    target.key,
                    rows,
                    bulk_from=self._bulk_from,
                    priority=priority,
                )
        except ConnectorError as error:  # nothing was sent: no login, no object, no budget
            return [_not_now(error)] * len(rows)
        return [_verdict(result.error, result.dropped) for result in results]

    def writable(self, kind: str, fields: Sequence[str]) -> bool:
        """Whether we may write any of these fields of a kind's records now. Raises OrgAwayError."""
        target = TARGETS[kind]
        with asking():
            self.exposure.forget(target.object)
            facts = self.exposure.of(target.object, priority=Priority.BACKGROUND)
        return facts is not None and any((found := facts.field(name)) and found.writable("update") for name in fields)

    def fields(self, kind: str) -> list[OrgField]:
        """The fields that records of a kind have, as far as we see them; none if the object is not there.

        Raises OrgAwayError.
        """
        with asking():
            facts = self.exposure.of(TARGETS[kind].object)
        return [org_field(each) for each in facts.fields.values()] if facts else []

    def values(
        self, kind: str, keys: Sequence[str], fields: Sequence[str], priority: Priority = Priority.NORMAL
    ) -> dict[str, dict[str, Any]]:
        """What fields of these records say now, by key; their `Id` beside. One API call for some thousand records.

        A field that is hidden from us is missing, and so is a record that is not there. Raises OrgAwayError.
        """
        target = TARGETS[kind]
        with asking():
            facts = self.exposure.require(target.object, priority=priority)
            spelled = {name: field.name for name in fields if (field := facts.fields.get(name.lower()))}
            columns = list(spelled.values())
            rows = read.by_key(self.session, target.object, target.key, keys, columns, priority=priority)
        return {
            key: {"Id": row["Id"], **{name: row[own] for name, own in spelled.items()}} for key, row in rows.items()
        }

    def rehearse(self, kind: str, rows: Sequence[SalesforceRow]) -> list[Refusal | None]:
        """What the org would say to changing these records (each with its Id), tried and taken back: one API call.

        None for a row that it would take. Fields that we may not write are not tried. Raises OrgAwayError.
        """
        name = TARGETS[kind].object
        with asking():
            facts = self.exposure.require(name)
            fitted = [fit(facts, row, row["Id"], "update", without="Id") for row in rows]
            told = tried(self.session, [Scene(name, name, row.fields, record_id=row.key) for row in fitted])
        return [Refusal(error.code, error.reason, error.fix) if error else None for error in told]

    def _put_tasks(self, rows: Sequence[SalesforceRow], priority: Priority) -> list[Verdict]:
        names = ("ours", "first", "done", "left", "in_hand", "hand_to")
        wanted = [tasks.TaskRow(row["AR_Key__c"], **{name: row[name] for name in names}) for row in rows]
        results = tasks.put_tasks(self.session, self.exposure, wanted, priority=priority)
        return [_task_verdict(result) for result in results]

    def accounts(self, ids: Sequence[str]) -> list[AccountState]:
        """These accounts, deleted and merged ones included; one that does not exist is left out."""
        fields = ["Name", "OwnerId", *(["CurrencyIsoCode"] if self.money().multi else [])]
        with asking():
            found = read.accounts(self.session, ids, fields, priority=Priority.ESSENTIAL)
        return [_account_state(found[name], found) for name in ids if name in found]

    def accounts_holding(self, field: str, values: Sequence[str]) -> list[tuple[str, str]]:
        """Accounts whose field holds one of the values: (value, account id)."""
        with asking():
            rows = read.accounts_by(self.session, field, values, ["Name"], priority=Priority.BACKGROUND)
        return [(row[field], row["Id"]) for row in rows]

    def accounts_like(self, names: Sequence[str], domains: Sequence[str], ids: Sequence[str] = ()) -> list[AccountCard]:
        """Accounts of these names, web domains or ids."""
        with asking():
            rows = read.accounts_named(
                self.session, names, domains, ids, fields=_CARD_FIELDS, priority=Priority.BACKGROUND
            )
        return [_card(row) for row in rows]

    def search_accounts(self, text: str, limit: int) -> list[AccountCard]:
        """Accounts whose name or website a person may mean by a text, or whose id it is; answers soon or not at all."""
        with asking():
            rows = read.accounts_meant(self.session, text, _CARD_FIELDS, limit=limit)
        return [_card(row) for row in rows]


@contextmanager
def asking() -> Iterator[None]:
    """A question to the org, the connector's errors told in the pipeline's words."""
    try:
        yield
    except ConnectorError as error:
        wait = error.retry_after if isinstance(error, RetryableError) else _ASK_A_PERSON_S
        raise OrgAwayError(error.code, error.reason, error.fix, wait or 0.0) from error


def login_of(salesforce: Salesforce) -> OrgLogin:
    """The connector's login from the settings."""
    secret, key = salesforce.client_secret, salesforce.private_key
    return OrgLogin(
        login_url=salesforce.login_url,
        client_id=salesforce.client_id,
        client_secret=secret.get_secret_value() if secret else None,
        username=salesforce.username,
        private_key=key.get_secret_value() if key else None,
        api_version=salesforce.api_version,
        timeout=salesforce.timeout_s,
    )


def org_field(facts: FieldFacts) -> OrgField:
    """A field of the org as mapping looks at it."""
    return OrgField(**{each.name: getattr(facts, each.name) for each in dataclass_fields(OrgField)})


def _card(row: Mapping[str, Any]) -> AccountCard:
    return AccountCard(row["Id"], row["Name"], row.get("Website"), read.at_path(row, "Owner.Name"))


def _account_state(
    row: Mapping[str, str | bool | Decimal | None], found: Mapping[str, Mapping[str, object]]
) -> AccountState:
    master = row.get("MasterRecordId")
    while isinstance(master, str) and (further := found.get(master, {}).get("MasterRecordId")):
        master = str(further)
    currency, owner = row.get("CurrencyIsoCode"), row.get("OwnerId")
    account = AccountRow(
        id=str(row["Id"]),
        name=str(row["Name"]),
        currency=str(currency) if currency else None,
        owner=str(owner) if owner else None,
        gone=bool(row.get("IsDeleted")),
    )
    return AccountState(account, str(master) if master else None)


def _verdict(error: ConnectorError | None, left_out: tuple[str, ...] = ()) -> Verdict:
    if error is None:
        return Verdict(left_out=left_out)
    if isinstance(error, RetryableError):
        return Verdict("retry", error.code, error.reason, error.fix, error.retry_after, error.outcome_unknown)
    if error.code.islower() or error.code in _NO_LOGIN:  # OAuth's codes are lower case, Salesforce's own upper case
        return _not_now(error)
    kind = "misconfigured" if isinstance(error, MisconfiguredError) else "rejected"
    return Verdict(kind, error.code, error.reason, error.fix)


def _task_verdict(result: tasks.TaskResult) -> Verdict:
    if result.error is not None:
        return _verdict(result.error)
    theirs = result.state if result.state in {"worked_on", "deleted"} else None
    return Verdict(task=TaskOutcome(result.id, result.left, theirs))


def _not_now(error: ConnectorError) -> Verdict:
    """A cause beyond these rows (no login, no object): they wait for it to go away, and are not parked for it."""
    if isinstance(error, RetryableError):
        return _verdict(error)
    return Verdict("retry", error.code, error.reason, error.fix, _ASK_A_PERSON_S)
