"""What people do in the org, one deed after the other, each certain before the next; and what they remember of it.

They promise and change their minds, dispute and resolve, take notes, work on tasks, assign invoices, merge accounts.
An administrator now and then writes into fields that are not theirs.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import requests

from tests.chaos.arena import Arena
from tests.chaos.calendar import MovedDays
from tests.chaos.people import Person, RefusedError
from tests.chaos.plan import Plan
from tests.chaos.stripe_side import StripeSide

Row = dict[str, Any]
_INVOICE = "Id, Number__c, Account__c, Currency__c, Balance__c, Amount__c, Due_On__c"
CATEGORIES = ("Pricing", "Billing Error", "Service", "Delivery", "Duplicate", "Tax", "Other")
MERGES_AT_MOST = 6

DEEDS = {
    "promise_one": 14,
    "promise_several": 6,
    "promise_any": 4,
    "change_date": 8,
    "change_amount": 5,
    "cancel": 4,
    "take_back_cancel": 2,
    "delete": 3,
    "undelete": 3,
    "dispute": 8,
    "resolve": 6,
    "note": 8,
    "assign": 6,
    "write_note": 6,
    "write_reason": 5,
    "work_on_task": 8,
    "meddle_invoice": 3,
    "meddle_status": 3,
    "merge": 1,
    "new_owner": 2,
}


@dataclass
class Promise:
    """A commitment as its owner knows it. `made_on`: the day in force when it was written, and a while later."""

    id: str
    made_on: date
    looked_at_on: date
    deleted: bool = False


@dataclass
class Memory:
    """What people know that they did."""

    edits: dict[tuple[str, str, str], Any] = field(default_factory=dict)  # (object, id, field) → value
    promises: dict[str, Promise] = field(default_factory=dict)
    disputes: set[str] = field(default_factory=set)
    activities: dict[str, str] = field(default_factory=dict)  # id → text
    touched_tasks: set[str] = field(default_factory=set)
    merged: list[tuple[str, str]] = field(default_factory=list)
    deeds: int = 0
    in_vain: list[str] = field(default_factory=list)


class Sales:
    """A thread in which people do what the plan says."""

    def __init__(self, arena: Arena, plan: Plan, stripe: StripeSide, days: MovedDays) -> None:
        self._arena, self._stripe, self._days = arena, stripe, days
        self._plan = plan.of("people")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sales", daemon=True)
        self.memory = Memory()
        self._count = 0
        sellers = "SELECT Id FROM User WHERE UserRole.Name = 'Account Executive'"
        self._sellers = [row["Id"] for row in arena.admin.query(sellers)]

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """No more; what is being done is done to its end."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        began = time.monotonic()
        for each in self._plan:
            if self._over.wait(max(0.0, began + each.at - time.monotonic())):
                return
            deed: Callable[[random.Random], None] = getattr(self, f"_{each.what}")
            try:
                deed(random.Random(each.arguments["seed"]))
            except (RefusedError, requests.RequestException, RuntimeError) as error:
                self.memory.in_vain.append(f"{each.what}: {error}")
            self.memory.deeds += 1

    # --- promises ----------------------------------------------------------------------------------------------------

    def _promise_one(self, dice: random.Random) -> None:
        invoice = self._open_invoice(dice)
        if invoice:
            self._promise(dice, invoice, {"Invoice__c": invoice["Id"]}, invoice["Balance__c"])

    def _promise_several(self, dice: random.Random) -> None:
        invoice = self._open_invoice(dice)
        if not invoice:
            return
        others = self._query(
            f"SELECT {_INVOICE} FROM AR_Invoice__c WHERE Account__c = '{invoice['Account__c']}' AND Status__c = 'Open' "
            f"AND Currency__c = '{invoice['Currency__c']}' ORDER BY Id LIMIT 4"
        )
        numbers = [row["Number__c"] for row in others if row["Id"] != invoice["Id"]]
        text = dice.choice((", ", "\n", "; ")).join(numbers)
        total = sum((row["Balance__c"] or Decimal(0) for row in others), Decimal(0))
        self._promise(dice, invoice, {"Invoice__c": invoice["Id"], "Invoices__c": text or None}, total)

    def _promise_any(self, dice: random.Random) -> None:
        invoice = self._open_invoice(dice)
        if invoice:
            self._promise(dice, invoice, {}, invoice["Balance__c"])

    def _promise(self, dice: random.Random, invoice: Row, names: Row, owed: Decimal) -> None:
        parts = (None, owed, (owed / 2).quantize(Decimal(1)), owed * 2)
        amount = dice.choice(parts)
        self._count += 1
        row = {
            "Account__c": invoice["Account__c"],
            "Amount__c": amount or None,
            "Promised_On__c": self._soon(dice),
            "Note__c": f"promise {self._count}",
            "CurrencyIsoCode": invoice["Currency__c"],
            **names,
        }
        today = self._days.today
        made = self._who(dice).make("AR_Commitment__c", row, "Note__c", ("Account__c", invoice["Account__c"]))
        self.memory.promises[made] = Promise(made, today, self._days.soon())
        self.memory.edits["AR_Commitment__c", made, "Note__c"] = row["Note__c"]
        for name in ("Amount__c", "Promised_On__c", *names):
            self.memory.edits["AR_Commitment__c", made, name] = row[name]

    def _change_date(self, dice: random.Random) -> None:
        self._edit_promise(dice, "Promised_On__c", self._soon(dice))

    def _change_amount(self, dice: random.Random) -> None:
        self._edit_promise(dice, "Amount__c", dice.choice((None, Decimal(dice.randint(1, 9000)))))

    def _cancel(self, dice: random.Random) -> None:
        self._edit_promise(dice, "Cancelled__c", value=True)

    def _take_back_cancel(self, dice: random.Random) -> None:
        self._edit_promise(dice, "Cancelled__c", value=False)

    def _write_note(self, dice: random.Random) -> None:
        self._edit_promise(dice, "Note__c", f"note {dice.randrange(10**6)}")

    def _edit_promise(self, dice: random.Random, name: str, value: Any) -> None:
        if made := self._one([each.id for each in self.memory.promises.values() if not each.deleted], dice):
            self._edit(self._who(dice), "AR_Commitment__c", made, {name: value})

    def _delete(self, dice: random.Random) -> None:
        if made := self._one([each.id for each in self.memory.promises.values() if not each.deleted], dice):
            self._arena.admin.delete("AR_Commitment__c", made)
            self.memory.promises[made].deleted = True

    def _undelete(self, dice: random.Random) -> None:
        if made := self._one([each.id for each in self.memory.promises.values() if each.deleted], dice):
            self._arena.admin.control("POST", "undelete", {"ids": [made]})
            self.memory.promises[made].deleted = False

    # --- disputes, notes, tasks, invoices ----------------------------------------------------------------------------

    def _dispute(self, dice: random.Random) -> None:
        invoice = self._open_invoice(dice)
        if not invoice:
            return
        self._count += 1
        row = {
            "Account__c": invoice["Account__c"],
            "Invoice__c": invoice["Id"],
            "Category__c": dice.choice(CATEGORIES),
            "Reason__c": f"dispute {self._count}",
            "Disputed_Amount__c": dice.choice((None, invoice["Balance__c"])) or None,
            "Status__c": dice.choice(("New", "In Progress")),
            "CurrencyIsoCode": invoice["Currency__c"],
        }
        made = self._who(dice).make("AR_Dispute__c", row, "Reason__c", ("Account__c", invoice["Account__c"]))
        self.memory.disputes.add(made)
        for name in ("Reason__c", "Category__c", "Status__c", "Disputed_Amount__c"):
            self.memory.edits["AR_Dispute__c", made, name] = row[name]

    def _resolve(self, dice: random.Random) -> None:
        if made := self._one(sorted(self.memory.disputes), dice):
            status = dice.choice(("Resolved", "Rejected", "Resolved", "In Progress"))
            self._edit(self._who(dice), "AR_Dispute__c", made, {"Status__c": status, "Resolution__c": "talked it over"})

    def _write_reason(self, dice: random.Random) -> None:
        if made := self._one(sorted(self.memory.disputes), dice):
            self._edit(self._who(dice), "AR_Dispute__c", made, {"Reason__c": f"reason {dice.randrange(10**6)}"})

    def _note(self, dice: random.Random) -> None:
        invoice = self._open_invoice(dice)
        if not invoice:
            return
        self._count += 1
        row = {
            "Account__c": invoice["Account__c"],
            "Kind__c": dice.choice(("Note", "Call")),
            "Subject__c": f"spoke {self._count}",
            "Body__c": "They will look into it.",
        }
        made = self._who(dice).make("AR_Activity__c", row, "Subject__c", ("Account__c", invoice["Account__c"]))
        self.memory.activities[made] = row["Subject__c"]

    def _assign(self, dice: random.Random) -> None:
        if invoice := self._open_invoice(dice):
            self._edit(self._who(dice), "AR_Invoice__c", invoice["Id"], {"Assigned_To__c": dice.choice(self._sellers)})

    def _work_on_task(self, dice: random.Random) -> None:
        tasks = self._query("SELECT Id FROM Task WHERE AR_Key__c != null AND IsClosed = false ORDER BY Id LIMIT 100")
        if not tasks:
            return
        task = dice.choice(tasks)["Id"]
        change = dice.choice(
            ({"Status": "In Progress"}, {"Status": "Completed"}, {"Description": f"called {dice.randrange(10**6)}"})
        )
        self.memory.touched_tasks.add(task)
        self._edit(self._who(dice), "Task", task, change)

    # --- what is not theirs, and what administrators do --------------------------------------------------------------

    def _meddle_invoice(self, dice: random.Random) -> None:
        if invoice := self._open_invoice(dice):
            self._arena.admin.edit("AR_Invoice__c", {"Id": invoice["Id"], "Balance__c": Decimal("0.01")})

    def _meddle_status(self, dice: random.Random) -> None:
        if made := self._one([each.id for each in self.memory.promises.values() if not each.deleted], dice):
            self._arena.admin.edit("AR_Commitment__c", {"Id": made, "Status__c": dice.choice(("Kept", "Broken"))})

    def _merge(self, dice: random.Random) -> None:
        accounts = sorted(set(self._stripe.accounts.values()))
        if len(accounts) < 2 or len(self.memory.merged) >= MERGES_AT_MOST:
            return
        winner, loser = dice.sample(accounts, 2)
        self._stripe.merge(loser, winner, self._arena.admin)
        self.memory.merged.append((loser, winner))

    def _new_owner(self, dice: random.Random) -> None:
        if account := self._one(sorted(set(self._stripe.accounts.values())), dice):
            self._arena.admin.edit("Account", {"Id": account, "OwnerId": dice.choice(self._sellers)})

    # --- common to all -----------------------------------------------------------------------------------------------

    def _edit(self, who: Person, sobject: str, record_id: str, values: Row) -> None:
        who.edit(sobject, {"Id": record_id, **values})
        self.memory.edits.update({(sobject, record_id, name): value for name, value in values.items()})

    def _open_invoice(self, dice: random.Random) -> Row | None:
        rows = self._query(
            f"SELECT {_INVOICE} FROM AR_Invoice__c WHERE Status__c = 'Open' AND Balance__c > 0 "
            "ORDER BY Key__c LIMIT 200"
        )
        return dice.choice(rows) if rows else None

    def _query(self, soql: str) -> list[Row]:
        return self._arena.admin.query(soql)

    def _who(self, dice: random.Random) -> Person:
        return dice.choice(self._arena.people)

    def _soon(self, dice: random.Random) -> str:
        return (self._days.today + timedelta(days=dice.choice((-1, 0, 1, 1, 2, 3, 5, 8)))).isoformat()

    @staticmethod
    def _one(ids: list[str], dice: random.Random) -> str | None:
        return dice.choice(ids) if ids else None
