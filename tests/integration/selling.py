"""What sales does in Salesforce in the stories of the way back, and what is seen of it there and at Stripe."""

from datetime import date, timedelta
from typing import Any

from tests.integration.place import CONNECTION, TODAY
from tests.integration.world import World

API = "/services/data/v66.0"
_TASK = "AR_Key__c, Subject, Status, OwnerId, WhatId, Description, AR_Outcome__c, ActivityDate, Priority, IsClosed"


def day(number: int) -> date:
    """So many days after the story begins."""
    return TODAY + timedelta(days=number)


def bill(world: World, customer: str, amount: int, **more: Any) -> str:
    """An invoice that Stripe chases by itself."""
    return world.invoice(customer, amount, **{"auto_advance": True, **more})


def billed(world: World, amount: int = 50_000, **more: Any) -> tuple[str, str]:
    """An account with an invoice that stands in Salesforce: their ids."""
    account = world.account()
    invoice = bill(world, world.customer(account), amount, **more)
    world.come_to_rest()
    return account, invoice


def promise(world: World, account: str, invoice: str | None = None, by: int | None = 3, **fields: Any) -> str:
    """Somebody writes a promise down, to be kept `by` so many days from the story's beginning; its id."""
    row = {"Account__c": account, "CurrencyIsoCode": "USD", **fields}
    if by is not None:
        row["Promised_On__c"] = day(by).isoformat()
    if invoice:
        row["Invoice__r"] = {"Key__c": f"{CONNECTION}:{invoice}"}
    [made] = world.admin.create("AR_Commitment__c", [row])
    return made


def contest(world: World, account: str, invoice: str | None = None, **fields: Any) -> str:
    """Somebody writes down that the customer contests an invoice; its id."""
    row = {"Account__c": account, "CurrencyIsoCode": "USD", "Category__c": "Pricing", "Status__c": "New", **fields}
    if invoice:
        row["Invoice__r"] = {"Key__c": f"{CONNECTION}:{invoice}"}
    [made] = world.admin.create("AR_Dispute__c", [row])
    return made


def edit(world: World, object_name: str, record: str, **fields: Any) -> None:
    """Somebody edits a record."""
    world.admin.update(object_name, [{"Id": record, **fields}])


def remove(world: World, object_name: str, record: str) -> None:
    """Somebody deletes a record."""
    world.admin._json("DELETE", f"{API}/sobjects/{object_name}/{record}")


def next_day(world: World, number: int) -> None:
    """Make it that day of the story, and let it turn."""
    world.move_to(day(number))
    world.turn()


def shown(world: World, object_name: str, record: str, *names: str) -> tuple[Any, ...]:
    """Fields of a record as they stand in Salesforce."""
    [row] = world.admin.query(f"SELECT {', '.join(names)} FROM {object_name} WHERE Id = '{record}'")
    return tuple(row[name] for name in names)


def standing(world: World, commitment: str) -> tuple[Any, ...]:
    """Where a commitment stands in Salesforce: status, kept amount, hold."""
    return shown(world, "AR_Commitment__c", commitment, "Status__c", "Kept_Amount__c", "Hold_State__c")


def tasks(world: World, account: str | None = None) -> list[dict[str, Any]]:
    """Our follow-ups in Salesforce, the first one first."""
    about = f" AND WhatId = '{account}'" if account else ""
    return world.admin.query(f"SELECT Id, {_TASK} FROM Task WHERE AR_Key__c != null{about} ORDER BY CreatedDate, Id")


def told(world: World, account: str, kind: str | None = None) -> list[str]:
    """Subjects of our own timeline entries of an account in Salesforce."""
    about = f" AND Kind__c = '{kind}'" if kind else ""
    found = world.admin.query(
        f"SELECT Subject__c FROM AR_Activity__c WHERE Account__c = '{account}' AND Key__c != null{about}"
    )
    return [row["Subject__c"] for row in found]


def put_backs(world: World) -> list[dict[str, Any]]:
    """What our timeline entries say of fields of ours that somebody changed."""
    found = world.admin.query("SELECT Key__c, Subject__c, Body__c, Account__c, By__c FROM AR_Activity__c")
    return [row for row in found if (row["Key__c"] or "").startswith("put-back:")]


def held(world: World, invoice: str) -> tuple[bool, bool]:
    """At Stripe: whether an invoice is left alone, and whether our note stands there."""
    [body] = [row for row in world.objects("invoice") if row["id"] == invoice]
    return not body["auto_advance"], "dueline_hold" in body["metadata"]
