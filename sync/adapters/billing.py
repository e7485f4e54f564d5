"""The pipeline's view of billing systems, on top of their connectors."""

from collections.abc import Iterator

from connector.billing import PROVIDERS, Billing, Page, base
from connector.errors import ConnectorError, GoneError, MisconfiguredError, RetryableError
from sync.core.holds import HoldState
from sync.pipeline.fetch import Answer, Failed
from sync.pipeline.holds import Asked
from sync.pipeline.pages import BillingAwayError
from sync.settings import Settings, StripeConnection

_HOLDS = {
    base.HoldState.HELD: HoldState.HELD,
    base.HoldState.ALREADY_HELD: HoldState.HELD,
    base.HoldState.HELD_ELSEWHERE: HoldState.HELD,  # nobody is chased: who asked for it is theirs to know
    base.HoldState.NOT_COLLECTING: HoldState.RELEASED,
    base.HoldState.RELEASED: HoldState.RELEASED,
    base.HoldState.NOT_HELD: HoldState.RELEASED,
}
_BY_OTHERS = frozenset({base.HoldState.HELD_ELSEWHERE, base.HoldState.NOT_HELD})
_ASK_A_PERSON_S = 60.0  # how long to wait before trying again what only a person can mend


class BillingSystems:
    """Every connection that has a key to read by."""

    def __init__(self, settings: Settings) -> None:
        self._open: dict[str, Billing] = {
            name: _connect(connection) for name, connection in settings.stripe.items() if connection.api_key
        }

    @property
    def names(self) -> frozenset[str]:
        """The connections that can be read."""
        return frozenset(self._open)

    def of(self, connection: str) -> Billing | None:
        """The connector of a connection; None if it has no key."""
        return self._open.get(connection)

    def fetch(self, connection: str, source: str, object_id: str, account: str | None) -> Answer | Failed:
        """One object as the provider has it now, or why not."""
        billing = self._open.get(connection)
        if billing is None:
            return Failed(f"connection {connection!r} has no API key", final=True)
        try:
            return billing.fetch(source, object_id, account=account)
        except RetryableError as error:
            return Failed(str(error), retry_after_s=error.retry_after or 0.0)
        except MisconfiguredError as error:
            return Failed(str(error), retry_after_s=_ASK_A_PERSON_S)
        except ConnectorError as error:
            return Failed(str(error), final=True)

    def ask_hold(self, connection: str, invoice_id: str, note: str | None, account: str | None) -> Asked:
        """Have an invoice left alone because of `note`, or with None no longer."""
        billing = self._open.get(connection)
        if billing is None:
            fix = f"set DUELINE_STRIPE__{connection.upper()}__API_KEY"
            reason = f"connection {connection!r} has no API key"
            return Asked(HoldState.NOT_SUPPORTED, "NO_KEY", reason, fix, final=True, retry_after_s=_ASK_A_PERSON_S)
        try:
            if note is None:
                done = billing.release(invoice_id, account=account)
            else:
                done = billing.hold(invoice_id, note=note, account=account)
            return Asked(_HOLDS[done.state], others=done.state in _BY_OTHERS)
        except GoneError:
            return Asked(HoldState.RELEASED)  # an invoice that is not there is chased by nobody
        except RetryableError as error:
            unknown, wait = error.outcome_unknown, error.retry_after or 0.0
            return Asked(None, error.code, error.reason, error.fix, unknown=unknown, retry_after_s=wait)
        except ConnectorError as error:
            fix = error.fix or "see the invoice in the billing system; it is tried again by itself"
            return Asked(HoldState.FAILED, error.code, error.reason, fix, final=True, retry_after_s=_ASK_A_PERSON_S)

    def pages(self, connection: str, source: str, after: str | None, since: int | None) -> Iterator[Page]:
        """Everything of one kind, page by page. Raises BillingAwayError."""
        try:
            yield from self._open[connection].list_all(source, starting_after=after, created_gte=since)
        except ConnectorError as error:
            passing = isinstance(error, RetryableError)
            raise BillingAwayError(
                error.code,
                error.reason,
                error.fix,
                passing=passing,
                place_gone=isinstance(error, GoneError) and after is not None,
                retry_after_s=(error.retry_after or 0.0) if isinstance(error, RetryableError) else 0.0,
            ) from error


def _connect(connection: StripeConnection) -> Billing:
    key = connection.api_key.get_secret_value() if connection.api_key else ""
    return PROVIDERS["stripe"](key, api_base=connection.api_base)  # type: ignore[call-arg]
