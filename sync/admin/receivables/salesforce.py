"""Whether Salesforce shows what it should for one account: what is known here, and what it says when it is asked."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sync.admin.gate import connection, run, who
from sync.admin.receivables.account import shown
from sync.admin.receivables.screen import account_or_404, in_salesforce, screen
from sync.admin.rights import Right
from sync.core.causes import kind_words
from sync.core.fieldmap.figures import OBJECTS
from sync.db import account_book

_CAUSES = 50


@screen.get("/accounts/<account_id>/salesforce", right=Right.READ)
def account_salesforce(account_id: str) -> str:
    """How its records stand as far as is known here; a button asks Salesforce."""
    return _salesforce(account_id)


@screen.post("/accounts/<account_id>/salesforce", right=Right.READ)
def account_salesforce_now(account_id: str) -> str:
    """Ask Salesforce, and compare. It changes nothing, but takes API calls: so it is a form."""
    return _salesforce(account_id, now=True)


def _salesforce(account_id: str, *, now: bool = False) -> str:
    with connection() as conn:
        mine = account_or_404(conn, account_id)
        standing = account_book.standing(conn, account_id)
        stuck = account_book.stuck(conn, account_id, _CAUSES)
    look, away = _look(account_id) if now else (None, None)
    return shown(
        "account_salesforce.html",
        mine,
        connected=run().settings.salesforce is not None,
        standing=standing,
        stuck=stuck,
        look=look,
        away=away,
        asked_at=datetime.now(UTC) if now else None,
        kind_words=kind_words,
        titled=_titled,
        address=in_salesforce,
        objects={**OBJECTS, "refund": OBJECTS["payment"], **_THEIRS},
        plain=_plain,
        may_look=who().may(Right.LOOK),
    )


_THEIRS = {"commitment": "AR_Commitment__c", "dispute": "AR_Dispute__c"}


def _titled(kind: str, count: int = 1) -> str:
    words = kind_words(kind, count)
    return words[0].upper() + words[1:]


def _plain(value: Any) -> str:
    """A field's value as a person reads it."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(str(value)).normalize():,f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _look(account_id: str) -> tuple[Any, str | None]:
    """What Salesforce shows; or why it cannot be asked, in words."""
    from sync.pipeline.accounts import OrgAwayError
    from sync.pipeline.agreement import look

    if run().org is None:
        return None, "Salesforce is not connected yet."
    try:
        return look(run().engine, run().require_org(), run().publishing, run().books, account_id), None
    except OrgAwayError as error:
        return None, f"{error.reason}{f' – {error.fix}' if error.fix else ''}"
