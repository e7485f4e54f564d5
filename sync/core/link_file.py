"""Decisions about many customers in a file: what each line asks for, and what would come of it.

A line is judged against how its customer stands now. Whatever is not plain is an error of that line, told with what it
should be; nothing else of the file depends on it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sync.core.linking import Decision, LinkSource, Standing, Verb, account_id

KEY_LENGTH = 300
REASON_LENGTH = 500
_SHOWN = 60  # characters of a cell that are repeated in a message
_NONE = frozenset({"none"})
_NOT_OURS = frozenset({"not ours", "not a customer of ours"})


class Verdict(StrEnum):
    """What would happen with a line."""

    LINK = "link"
    MOVE = "move"
    UNLINK = "unlink"
    NOT_OURS = "not_ours"
    SAME = "same"  # it is so already
    SKIP = "skip"  # nothing is asked
    ERROR = "error"


VERDICT_WORDS = {
    Verdict.LINK: "Will be linked",
    Verdict.MOVE: "Will move to another account",
    Verdict.UNLINK: "Will be unlinked",
    Verdict.NOT_OURS: "Will be no customer of ours",
    Verdict.SAME: "Is so already",
    Verdict.SKIP: "Left as it is: nothing is decided",
    Verdict.ERROR: "Cannot be done",
}
ACTS = frozenset({Verdict.LINK, Verdict.MOVE, Verdict.UNLINK, Verdict.NOT_OURS})


@dataclass(frozen=True, slots=True)
class Line:
    """A line as given; `n` is its number in the file."""

    n: int
    customer: str
    wish: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What would come of a line, with the decision to be made if anything."""

    verdict: Verdict
    words: str | None = None
    decision: Decision | None = None


class LineError(ValueError):
    """A line that asks for nothing that could be done; the message says what it should be."""


def wished(line: Line) -> Decision | None:
    """What a line asks for; None if for nothing. Raises LineError."""
    if not line.customer:
        raise LineError("the customer is missing: give its key, such as main:cus_123")
    if len(line.customer) > KEY_LENGTH:
        raise LineError(f"{_short(line.customer)} is no key of a customer: it is too long")
    if len(line.reason) > REASON_LENGTH:
        raise LineError(f"the reason has more than {REASON_LENGTH} characters")
    word = line.wish.casefold()
    if not word:
        return None
    if word in _NONE:
        return Decision(Verb.UNLINK)
    if word in _NOT_OURS:
        return Decision(Verb.NOT_OURS, reason=line.reason or "said so in a file")
    account = account_id(line.wish)
    if account is None:
        raise LineError(
            f"{_short(line.wish)} is not an account id (15 or 18 characters that begin with 001, as Salesforce writes "
            "them), nor “none”, nor “not ours”"
        )
    return Decision(Verb.LINK, account)


def clashes(lines: Iterable[Line]) -> dict[int, str]:
    """What is wrong with lines about a customer that another line decides, too; by number."""
    by_customer: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.wish:
            by_customer[line.customer].append(line)
    found = {}
    for several in by_customer.values():
        if len({_meant(line) for line in several}) > 1:
            for line in several:
                others = ", ".join(str(other.n) for other in several if other is not line)
                found[line.n] = f"line {others} says something else about this customer"
    return found


def judge(line: Line, now: Standing | None, problem: str | None = None) -> Judged:
    """What would come of a line. `now`: how its customer stands, None if nobody knows it; `problem`: with the account
    that it names.
    """
    try:
        decision = wished(line)
    except LineError as error:
        return Judged(Verdict.ERROR, str(error))
    if now is None:
        return Judged(Verdict.ERROR, f"no customer has the key {_short(line.customer)}")
    if decision is None:
        return Judged(Verdict.SKIP)
    if problem:
        return Judged(Verdict.ERROR, problem)
    if decision.verb is Verb.LINK:
        return _linking(decision, now)
    if decision.verb is Verb.UNLINK:
        same = now.account is None and now.source is not LinkSource.NOT_OURS
        return Judged(Verdict.SAME) if same else Judged(Verdict.UNLINK, decision=decision)
    same = now.source is LinkSource.NOT_OURS
    return Judged(Verdict.SAME) if same else Judged(Verdict.NOT_OURS, decision=decision)


def _linking(decision: Decision, now: Standing) -> Judged:
    if now.account == decision.account:
        return Judged(Verdict.SAME)
    if now.account is not None:
        return Judged(Verdict.MOVE, decision=decision)
    words = {
        LinkSource.PERSON: "somebody had unlinked it",
        LinkSource.NOT_OURS: "somebody had said that it is no customer of ours",
    }
    return Judged(Verdict.LINK, words.get(now.source) if now.source else None, decision)


def _meant(line: Line) -> str:
    return account_id(line.wish) or line.wish.casefold()


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
