"""Which accounts a billing customer may belong to, what speaks for each, and how far that goes. It never decides.

A suggestion is *exact* only if nothing speaks for another account as well: it alone has both the customer's name and
its domain, and no other account that was found has that name; or it alone holds the customer's billing id. Only exact
ones may be accepted many at a time, by a person who has seen them. An account of the same domain but another name is
no rival, for companies have subsidiaries; one of the same name is, for CRMs have duplicates.

Names are the same without regard to case, punctuation and the spelling of the legal form (Ltd, Limited). A form that
one side leaves out is a weaker sign of its own, which with the domain is enough; two different forms are two different
companies (Acme Ltd, Acme GmbH). Mail providers' domains say nothing. What a person has unlinked is never exact again.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sync.core.linking import AccountCard, LinkSource, mail_domain, web_domain


class Evidence(StrEnum):
    """What speaks for an account, the strongest first."""

    BILLING_ID = "billing_id"
    DOMAIN = "domain"
    NAME = "name"
    NAME_BUT_FORM = "name_but_form"


class Match(StrEnum):
    """How far the suggestions for a customer go."""

    EXACT = "exact"
    ONE = "one"
    SEVERAL = "several"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account that a person should look at."""

    account: AccountCard
    evidence: tuple[Evidence, ...]


_NAMES = frozenset({Evidence.NAME, Evidence.NAME_BUT_FORM})
_WEIGHT = {Evidence.BILLING_ID: 8, Evidence.DOMAIN: 3, Evidence.NAME: 2, Evidence.NAME_BUT_FORM: 1}
_FORMS = {
    **{form: form for form in "ab ag aps as bv co corp ev inc kg kk llc llp lp ltd nv oy oyj plc pte pty".split()},
    **{form: form for form in "gmbh ohg sa sarl sas se sl slu spa srl ug".split()},
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "mbh": "gmbh",
}


def suggest(
    name: str | None, email: str | None, accounts: Iterable[AccountCard], holders: Collection[str] = ()
) -> list[Suggestion]:
    """The accounts that something speaks for, the best first. `holders`: ids of those that hold the billing id."""
    domain = mail_domain(email)
    found = []
    for account in accounts:
        evidence = [Evidence.BILLING_ID] if account.id in holders else []
        if domain and web_domain(account.website) == domain:
            evidence.append(Evidence.DOMAIN)
        if likeness := same_name(name, account.name):
            evidence.append(likeness)
        if evidence:
            found.append(Suggestion(account, tuple(evidence)))
    return sorted(found, key=lambda each: (-sum(_WEIGHT[one] for one in each.evidence), each.account.id))


def exact(suggestions: Sequence[Suggestion]) -> Suggestion | None:
    """The one that nothing speaks against, if there is such a one."""
    holders = [each for each in suggestions if Evidence.BILLING_ID in each.evidence]
    if holders:
        return holders[0] if len(holders) == 1 else None
    namesakes = [each for each in suggestions if _NAMES & set(each.evidence)]
    return namesakes[0] if len(namesakes) == 1 and Evidence.DOMAIN in namesakes[0].evidence else None


def grade(suggestions: Sequence[Suggestion], source: LinkSource | None = None) -> Match:
    """How far they go. `source`: of the customer's link; what a person has unlinked is never exact."""
    if not suggestions:
        return Match.NONE
    if source is None and exact(suggestions) is not None:
        return Match.EXACT
    return Match.ONE if len(suggestions) == 1 else Match.SEVERAL


def same_name(ours: str | None, theirs: str | None) -> Evidence | None:
    """Whether two names are one, and how surely."""
    core, form = plain_name(ours)
    other_core, other_form = plain_name(theirs)
    if not core or core != other_core:
        return None
    if form == other_form:
        return Evidence.NAME
    return None if form and other_form else Evidence.NAME_BUT_FORM


@lru_cache(maxsize=8_192)  # a batch compares each of its customers with every account that was found
def plain_name(name: str | None) -> tuple[str, str]:
    """A company's name without case and punctuation, and its legal form ("" if it gives none), each in one spelling."""
    text = unicodedata.normalize("NFKC", name or "").casefold().replace("&", " and ")
    words = re.sub(r"[\W_]+", " ", re.sub(r"[.'’`]", "", text)).split()
    end = len(words)
    while end > 1 and (words[end - 1] in _FORMS or (end < len(words) and words[end - 1] == "and")):
        end -= 1
    form = [_FORMS[word] for word in words[end:] if word in _FORMS]
    return " ".join(words[:end]), " ".join(form)


def names_to_ask(name: str | None) -> list[str]:
    """Under which names to look for accounts: as it stands, and without the legal form at its end."""
    text = " ".join((name or "").split())
    _, form = plain_name(text)
    shorter = text
    while form and (cut := shorter.rpartition(" ")[0].rstrip(" ,.&")) and plain_name(shorter)[1]:
        shorter = cut
    return sorted({text, shorter} - {""})


def in_words(evidence: Iterable[Evidence], domain: str | None = None, field: str | None = None) -> list[str]:
    """What speaks for an account, as a person reads it. `field`: the account's billing field."""
    words = {
        Evidence.BILLING_ID: f"same billing id in {field}" if field else "same billing id",
        Evidence.DOMAIN: f"same domain {domain}" if domain else "same domain",
        Evidence.NAME: "same name",
        Evidence.NAME_BUT_FORM: "same name but for the legal form",
    }
    return [words[each] for each in evidence]


def why_open(
    match: Match | None, evidence: Sequence[Collection[Evidence]], problem: str | None, source: LinkSource | None
) -> str:
    """Why a customer has no account, in words. `evidence`: of each suggestion."""
    if source is LinkSource.PERSON:
        return "Somebody unlinked it: it waits for another decision"
    if problem:
        return problem[0].upper() + problem[1:]
    match match:
        case None:
            return "Salesforce has not been asked yet"
        case Match.NONE:
            return "No account has its name, domain or billing id"
        case Match.EXACT:
            return "One account has its name and its domain: it waits for your yes"
        case Match.ONE:
            return f"One account has {_only(evidence)}: that alone proves nothing"
        case Match.SEVERAL:
            return _rivals(evidence)


def _only(evidence: Sequence[Collection[Evidence]]) -> str:
    held = set(evidence[0]) if evidence else set()
    if Evidence.BILLING_ID in held:
        return "its billing id"
    return "its domain" if Evidence.DOMAIN in held else "its name"


def _rivals(evidence: Sequence[Collection[Evidence]]) -> str:
    """What several accounts share with the customer."""
    counts = (
        ("its billing id", sum(Evidence.BILLING_ID in each for each in evidence)),
        ("its name", sum(bool(_NAMES & set(each)) for each in evidence)),
        ("its domain", sum(Evidence.DOMAIN in each for each in evidence)),
    )
    shared = [f"{count} accounts have {what}" for what, count in counts if count > 1]
    return ", ".join(shared) or "Different accounts have its name and its domain"
