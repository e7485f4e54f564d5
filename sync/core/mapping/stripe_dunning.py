"""What Stripe's events say of mails to customers and of charges that failed.

https://docs.stripe.com/api/events/types: `invoice.sent` "whenever an invoice email is sent out", whoever or whatever
sent it, reminders included; `invoice.payment_failed` for automatic charges and for customers who try to pay.
`invoice.overdue` and `invoice.will_be_due` say no such thing: an automation of the account emits them on a schedule,
and whether it also writes to anybody is not in them.
https://docs.stripe.com/changelog/acacia/2024-09-30/billing-due-date-webhooks
"""

from collections.abc import Mapping
from typing import Any

from sync.core.dunning import Dunning, Happening
from sync.core.mapping.reader import Reader

_HAPPENINGS = {"invoice.sent": Happening.SENT, "invoice.payment_failed": Happening.FAILED}


def map_dunning(event: Mapping[str, Any], scope: str) -> Dunning | None:
    """What an event says of dunning; None for most. Raises UnmappableError for a shape we do not know."""
    what = _HAPPENINGS.get(str(event.get("type", "")))
    if what is None:
        return None
    read = Reader(event, scope, "event")
    at = read.moment("created")
    invoice = read.inner("data").inner("object")
    found = Dunning(
        what=what,
        invoice=invoice.key("id"),
        customer=invoice.ref("customer") or invoice.ref("customer_account") or invoice.key("customer"),
        currency=invoice.currency(),
        remaining=invoice.amount("amount_remaining"),
        at=at,
        number=invoice.text("number"),
        to=invoice.text("customer_email"),
        due_at=invoice.at("due_date"),
        automatic=invoice.text("collection_method") == "charge_automatically",
        attempt=invoice.amount("attempt_count", default=0),
        next_at=invoice.at("next_payment_attempt"),
    )
    read.finish()
    return found
