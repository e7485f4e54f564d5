"""Which Salesforce account a billing customer belongs to. A link is never guessed: what is not certain stays open.

Certain are, in this order: a person's decision, an account id in the customer's metadata, and exactly one account
whose billing field holds the customer's id. Equal names or web domains are suggestions for a person, no more
(sync.core.matching). A person may also decide that there is no account: rules then leave the customer alone.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sync.core.facts import CustomerFacts

_CHECKSUM_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ACCOUNT_ID = re.compile(r"^001[0-9A-Za-z]{12}(?:[A-Z0-5]{3})?$")
_ID_IN_ADDRESS = re.compile(r"\b001[0-9A-Za-z]{12}(?:[A-Z0-5]{3})?\b")
_FREE_MAIL = frozenset(
    (
        "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com "
        "aol.com gmx.com gmx.net gmx.de web.de mail.com proton.me protonmail.com qq.com 163.com 126.com zoho.com "
        "fastmail.com yandex.ru yandex.com mail.ru example.com"
    ).split()
)


class LinkSource(StrEnum):
    """How a link came to be. A person's decision outranks the rules."""

    PERSON = "person"
    METADATA = "metadata"
    FIELD = "field"
    MERGE = "merge"
    NOT_OURS = "not_ours"  # a person: no customer of ours, so no account is looked for


DECIDED = frozenset({LinkSource.PERSON, LinkSource.NOT_OURS})  # by a person; rules change nothing here

SOURCE_WORDS = {
    LinkSource.PERSON: "a person decided it",
    LinkSource.METADATA: "the billing system names the account in the customer's metadata",
    LinkSource.FIELD: "the account's billing field holds the customer's id",
    LinkSource.MERGE: "its account was merged into this one",
    LinkSource.NOT_OURS: "a person decided that it is no customer of ours",
}
UNLINKED_BY_A_PERSON = "unlinked by a person"
SHARED_FIELD = "accounts hold it in"  # what every problem of an id on several accounts says


class Verb(StrEnum):
    """What can be decided about a customer's link."""

    LINK = "link"
    UNLINK = "unlink"  # belongs to no account, whatever the rules find
    NOT_OURS = "not_ours"
    RULES = "rules"  # whatever was decided is taken back: the rules look again


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision about one customer. `account`: full id, for links; `reason`: for what is not ours."""

    verb: Verb
    account: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer's link stands. Whoever decides says which one they saw, so that none decides blindly."""

    account: str | None = None
    source: LinkSource | None = None

    def packed(self) -> str:
        """For a form; `unpack` reads it."""
        return f"{self.account or ''}/{self.source or ''}"

    @classmethod
    def unpack(cls, text: str) -> "Standing":
        """What `packed` wrote. Raises ValueError."""
        account, _, source = text.partition("/")
        return cls(account or None, LinkSource(source) if source else None)

    def words(self) -> str:
        """As a person reads it, by ids."""
        if self.account is not None:
            return f"belongs to {self.account}: {SOURCE_WORDS[self.source or LinkSource.PERSON]}"
        if self.source is LinkSource.NOT_OURS:
            return "is no customer of ours"
        return "was unlinked by a person" if self.source is LinkSource.PERSON else "belongs to no account"


@dataclass(frozen=True, slots=True)
class AccountCard:
    """What is known of an account when looking for a customer's. `owner`: by name."""

    id: str
    name: str
    website: str | None = None
    owner: str | None = None


def account_id(text: str) -> str | None:
    """An account's 18-character id from its 15- or 18-character form; None if it is neither.

    One whose checksum does not fit its letters was mistyped, and is not guessed at.
    """
    text = text.strip()
    if not _ACCOUNT_ID.match(text):
        return None
    full = text[:15] + _checksum(text[:15])
    return full if full.startswith(text) else None


def meant(text: str) -> str:
    """What to look for when somebody types this: the id in an account's address, or the text as it is."""
    if "/" in text and (found := _ID_IN_ADDRESS.search(text)):
        return found.group()
    return " ".join(text.split())


def _checksum(short: str) -> str:
    """Three letters, each telling which of five characters are upper case."""
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _CHECKSUM_ALPHABET[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())]
        for chunk in chunks
    )


def named_in_metadata(customer: CustomerFacts, key: str) -> str | None:
    """The account id that the customer's metadata names under `key`; None if there is none or it is not one."""
    return account_id(customer.metadata.get(key, ""))


def mail_domain(email: str | None) -> str | None:
    """The domain of an address, unless it belongs to a mail provider rather than to a company."""
    domain = (email or "").rpartition("@")[2].strip().lower()
    return domain if "." in domain and domain not in _FREE_MAIL else None


def web_domain(website: str | None) -> str | None:
    """The host of a website without `www.`."""
    host = re.sub(r"^[a-z]+://", "", (website or "").strip().lower()).split("/")[0].split(":")[0]
    return host.removeprefix("www.") or None
