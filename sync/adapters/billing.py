"""The pipeline's view of billing systems, on top of their connectors."""

from collections.abc import Iterator

from connector.billing import PROVIDERS, Billing, Page
from connector.errors import ConnectorError, MisconfiguredError, RetryableError
from sync.pipeline.fetch import Answer, Failed
from sync.settings import Settings, StripeConnection

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

    def pages(self, connection: str, source: str, after: str | None, since: int | None) -> Iterator[Page]:
        """Everything of one kind, page by page. Raises ConnectorError."""
        return self._open[connection].list_all(source, starting_after=after, created_gte=since)


def _connect(connection: StripeConnection) -> Billing:
    key = connection.api_key.get_secret_value() if connection.api_key else ""
    return PROVIDERS["stripe"](key, api_base=connection.api_base)  # type: ignore[call-arg]
