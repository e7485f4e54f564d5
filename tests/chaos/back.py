"""The way back: promises, disputes, holds, tasks and people's own fields, once everything is quiet."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sync.demo.identities import CONNECTION
from tests.chaos.arena import Arena
from tests.chaos.promises import Promises, Told, minor
from tests.chaos.sales import Memory
from tests.chaos.truth import Divided
from tests.chaos.verdict import Check
from tests.e2e.compare import equal

Row = dict[str, Any]
FOLLOW_UP_DAYS = 90  # the product's default: what was missed longer ago when it is first seen makes no task
_COMMITMENT = (
    "SELECT Id, Status__c, Amount__c, Promised_On__c, Cancelled__c, Covers__c, Problem__c, Hold_State__c, "
    "CurrencyIsoCode, CreatedDate, Invoice__r.Key__c, Invoices__c, Account__c FROM AR_Commitment__c"
)
_DISPUTE = "SELECT Id, Status__c, Invoice__r.Key__c, Hold_State__c FROM AR_Dispute__c"
_TASK = "SELECT Id, AR_Key__c, IsClosed, Status, AR_Outcome__c, Subject FROM Task WHERE AR_Key__c != null"
_OPEN_DISPUTE = {"New", "In Progress"}


@dataclass
class WayBack:
    """All there is to judge by."""

    arena: Arena
    memory: Memory
    truth: Divided
    today: date
    on_hold: set[str]  # Stripe invoices that somebody else holds

    def checks(self) -> Iterator[Check]:
        """Every check of the way back."""
        yield from (
            self.their_fields(),
            self.statuses(),
            self.holds(),
            self.hold_states(),
            self.one_each(),
            self.tasks(),
        )

    # --- what was read -----------------------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> Promises:
        """The rules, over what Stripe holds."""
        return Promises(self.truth.linked, self.today)

    @cached_property
    def commitments(self) -> list[Row]:
        """As they stand in the org."""
        return self.arena.admin.query(_COMMITMENT)

    @cached_property
    def disputes(self) -> list[Row]:
        """As they stand in the org."""
        return self.arena.admin.query(_DISPUTE)

    @cached_property
    def told(self) -> list[Told]:
        """The commitments as people wrote them, with the invoices that they name, or that were chosen for them."""
        return [self._told(row) for row in self.commitments]

    def _told(self, row: Row) -> Told:
        named = [(row["Invoice__r"] or {}).get("Key__c", "").rpartition(":")[2]]
        named += [self._by_number.get(number.lower(), "") for number in re.split(r"[\s,;]+", row["Invoices__c"] or "")]
        if not any(named):
            named = [self._by_number.get(number.lower(), "") for number in (row["Covers__c"] or "").split(", ")]
        currency = row["CurrencyIsoCode"]
        covers = [each for each in dict.fromkeys(named) if each]
        covers = [each for each in covers if self.rules.invoices[each]["currency"].upper() == currency]
        remembered = self.memory.promises.get(row["Id"])
        return Told(
            id=row["Id"],
            amount=minor(row["Amount__c"], currency),
            promised_on=date.fromisoformat(row["Promised_On__c"]) if row["Promised_On__c"] else None,
            cancelled=row["Cancelled__c"],
            covers=tuple(covers),
            written_at=row["CreatedDate"],
            made_on=remembered.made_on if remembered else self.today,
        )

    @cached_property
    def _by_number(self) -> dict[str, str]:
        return {row["number"].lower(): name for name, row in self.rules.invoices.items()}

    @cached_property
    def status(self) -> dict[str, str]:
        """The status of each commitment as it stands in the org."""
        return {row["Id"]: row["Status__c"] for row in self.commitments}

    @cached_property
    def disputed(self) -> set[str]:
        """Stripe invoices that are contested now."""
        return {
            row["Invoice__r"]["Key__c"].rpartition(":")[2]
            for row in self.disputes
            if row["Status__c"] in _OPEN_DISPUTE and row["Invoice__r"]
        }

    # --- the checks --------------------------------------------------------------------------------------------------

    def their_fields(self) -> Check:
        """The last value that a person wrote stands in every field that is theirs."""
        wanted: dict[str, dict[str, Row]] = defaultdict(lambda: defaultdict(dict))
        gone = {promise.id for promise in self.memory.promises.values() if promise.deleted}
        for (sobject, record_id, name), value in self.memory.edits.items():
            if record_id not in gone:
                wanted[sobject][record_id][name] = value
        wrong, count = [], 0
        for sobject, rows in wanted.items():
            names = sorted({name for row in rows.values() for name in row})
            found = {row["Id"]: row for row in self.arena.admin.query(f"SELECT Id, {', '.join(names)} FROM {sobject}")}
            for record_id, row in rows.items():
                count += len(row)
                has = found.get(record_id)
                wrong += [
                    f"{sobject} {record_id}.{name}: a person wrote {value!r}, there is {has and has[name]!r}"
                    for name, value in row.items()
                    if has is None or not _stands(value, has[name])
                ]
        return Check("their fields keep what people wrote", f"{count} fields", wrong)

    def statuses(self) -> Check:
        """The status of every commitment is what the rules say, whichever day within doubt it was made on."""
        early = self.rules.judge(self.told)
        late = self.rules.judge(
            [
                replace(each, made_on=self.memory.promises[each.id].looked_at_on)
                if each.id in self.memory.promises
                else each
                for each in self.told
            ]
        )
        unsure = {each.id for each in self.told if set(each.covers) & self.rules.unsure}
        wrong = [
            f"{each.id} is {self.status[each.id]}, must be {early[each.id]}: {each}"
            for each in self.told
            if each.id not in unsure and self.status[each.id] not in {early[each.id], late[each.id]}
        ]
        counts = Counter(self.status.values())
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=str))
        return Check(
            "commitments", f"{len(self.told)}: {told or 'none'}; {len(unsure)} with chargebacks left out", wrong
        )

    def holds(self) -> Check:
        """Held at Stripe are the invoices with an open promise or dispute, and no others; others' holds are theirs."""
        wanted = self.rules.wanted_holds(self.told, self.status, self.disputed)
        wrong, held = [], set()
        for name, row in self.truth.everything.invoices.items():
            ours = "dueline_hold" in row["metadata"]
            if ours:
                held.add(name)
            if ours and row["status"] == "open" and row["auto_advance"]:
                wrong.append(f"{name} has our note and is collected all the same")
            if name in self.on_hold and row["status"] == "open" and row["auto_advance"]:
                wrong.append(f"{name}: the hold of somebody else was taken off")
        theirs = wanted & self.on_hold
        wrong += [f"{name} is not held, and must be" for name in sorted(wanted - theirs - held)]
        wrong += [f"{name} is held, and must not be" for name in sorted(held - wanted)]
        return Check("holds at Stripe", f"{len(held)} of {len(wanted)} wanted, {len(theirs)} held by others", wrong)

    def hold_states(self) -> Check:
        """What Salesforce says of holds is what Stripe has."""
        held = {name for name, row in self.truth.linked.invoices.items() if "dueline_hold" in row["metadata"]}
        wrong = []
        for row in self.arena.admin.query("SELECT Key__c, On_Hold__c FROM AR_Invoice__c"):
            name = row["Key__c"].rpartition(":")[2]
            if row["On_Hold__c"] != (name in held) and name not in self.on_hold:
                wrong.append(f"AR_Invoice__c {row['Key__c']}: On_Hold__c is {row['On_Hold__c']}")
        for row, told in zip(self.commitments, self.told, strict=True):
            should = bool(told.covers) and row["Status__c"] == "Open" and all(name in held for name in told.covers)
            if should and row["Hold_State__c"] != "Held":
                wrong.append(
                    f"commitment {told.id}: Hold_State__c is {row['Hold_State__c']}, all its invoices are held"
                )
            left_alone = held | set(self.on_hold)  # by us or by others
            if not left_alone & set(told.covers) and row["Hold_State__c"] in {"Held", "Requested"}:
                wrong.append(f"commitment {told.id}: Hold_State__c is {row['Hold_State__c']}, none of its are held")
        return Check("holds in Salesforce", f"{len(held)} invoices held", wrong)

    def one_each(self) -> Check:
        """One task per key, one entry per key."""
        wrong = []
        rows = self.arena.admin.query(_TASK)
        wrong += [f"{count} tasks with the key {key}" for key, count in _several(row["AR_Key__c"] for row in rows)]
        entries = self.arena.admin.query("SELECT Key__c FROM AR_Activity__c WHERE Key__c != null")
        wrong += [f"{count} entries with the key {key}" for key, count in _several(row["Key__c"] for row in entries)]
        notes = self.arena.admin.query("SELECT Id, Subject__c FROM AR_Activity__c WHERE Key__c = null")
        stands = {row["Id"]: row["Subject__c"] for row in notes}
        wrong += [f"note {made} is gone" for made, text in self.memory.activities.items() if stands.get(made) != text]
        return Check("tasks and entries, one each", f"{len(rows)} tasks, {len(entries)} entries", wrong)

    def tasks(self) -> Check:
        """Exactly what wants chasing has an open task, unless a person took it in hand."""
        asked = self.rules.asked_for(self.told, self.status, self.disputed)
        rows = self.arena.admin.query(_TASK)
        touched = self.memory.touched_tasks
        by_key = {row["AR_Key__c"]: row for row in rows}
        wrong = [
            f"no task {key} for {', '.join(sorted(invoices))}"
            for key, invoices in sorted(asked.items())
            if key not in by_key and not self.rules.too_old(key, FOLLOW_UP_DAYS)
        ]
        for key, row in sorted(by_key.items()):
            if row["Id"] in touched:
                continue
            if key in asked and row["IsClosed"]:
                wrong.append(f"task {key} is closed ({row['AR_Outcome__c']}), and must be open")
            if key not in asked and not row["IsClosed"]:
                wrong.append(f"task {key} is open ({row['Subject']}), and nothing asks for it")
            if row["IsClosed"] and not row["AR_Outcome__c"]:
                wrong.append(f"task {key} is closed without a reason")
        opened = sum(not row["IsClosed"] for row in rows)
        return Check("tasks", f"{len(asked)} wanted, {len(rows)} made, {opened} open, {len(touched)} in hand", wrong)


def make(arena: Arena, memory: Memory, accounts: dict[str, str], today: date, on_hold: set[str]) -> WayBack:
    """The way back, with Stripe's objects as they are now."""
    objects = arena.stripe.control("GET", "objects")["data"]
    return WayBack(arena, memory, Divided(objects, accounts, CONNECTION, today), today, on_hold)


def _several(keys: Iterable[str]) -> list[tuple[str, int]]:
    return [(key, count) for key, count in Counter(keys).items() if count > 1]


def _stands(wrote: Any, has: Any) -> bool:
    if isinstance(wrote, Decimal) and isinstance(has, Decimal | int):
        return abs(wrote - Decimal(has)) < Decimal("0.01")
    return equal(wrote, has)
