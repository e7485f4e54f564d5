"""How a customer and what is known of it are told to finance."""

from dataclasses import dataclass

from sync.admin import outside
from sync.bootstrap import Runtime
from sync.core.linking import SOURCE_WORDS, LinkSource
from sync.core.matching import why_open
from sync.db.matching import Listed
from sync.db.suggestions import Hint


@dataclass(frozen=True, slots=True)
class Telling:
    """Words and addresses, as configured now."""

    run: Runtime

    def name(self, row: Listed) -> str:
        """What people call it."""
        return row.name or row.email or row.key

    def system(self, row: Listed) -> str:
        """Its billing system, and which of its accounts where there are several."""
        system = self.run.settings.system_names.get(row.provider, row.provider.title())
        return f"{system} {row.connection}" if len(self.run.settings.connections()) > 1 else system

    def billing_id(self, row: Listed) -> str:
        """Its id there."""
        return row.key.rpartition(":")[2]

    def billing_page(self, row: Listed) -> str | None:
        """Its page there."""
        return outside.billing_customer(self.run.settings, row.connection, row.key)

    def account_page(self, account: str) -> str | None:
        """An account's page in Salesforce; a stand-in of it on this machine need not have any."""
        page = outside.salesforce_record(self.run.settings, account)
        return page if page and page.startswith("https://") else None

    def why(self, row: Listed) -> str:
        """How it stands: why it is open, or how it was decided."""
        if row.source is LinkSource.NOT_OURS:
            return f"Not a customer of ours: {row.problem}" if row.problem else "Not a customer of ours"
        if row.account:
            words = SOURCE_WORDS[row.source or LinkSource.PERSON]
            return words[0].upper() + words[1:]
        return why_open(row.match, [hint.evidence for hint in row.hints], row.problem, row.source)

    def evidence(self, row: Listed, hint: Hint) -> str:
        """What speaks for an account."""
        return ", ".join(hint.words(row.domain, self.run.settings.account_billing_field))
