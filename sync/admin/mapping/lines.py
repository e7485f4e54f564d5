"""What the page shows of the mapping: a card for each kind of record, a line for each field that a figure goes to."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.core.dates import Calendar
from sync.core.fieldmap.editing import Pins, can_switch, find, is_pinned
from sync.core.fieldmap.figures import ACCOUNT, FIGURES, KIND_LABELS, KINDS, MAPPED, OBJECTS, Figure, figure
from sync.core.fieldmap.fit import problems
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.rules import FieldMap, Rule
from sync.core.fieldmap.telling import example, way

OrgFields = Mapping[str, Mapping[str, OrgField]]  # by kind and API name in lower case

_MEANING = {
    "account": "What sales sees first: one set of figures on each account that a billing customer is linked to.",
    "summary": "The figures of one account in one currency, which the pages in Salesforce show: always written.",
    "invoice": "One record for each open invoice, and for closed ones as long as the rules say.",
    "payment": "One record for each payment and each refund.",
    "activity": "Entries in the account's timeline: reminders sent, promises kept or broken, disputes closed.",
    "task": "Follow-up tasks for whoever looks after an account that owes.",
}
_OFF = {
    "account": "Nothing is written on accounts. What becomes of the values that stand there is chosen before saving.",
    "invoice": "No invoice is written, and new payments do not point to invoices. What stands there stays, and ages.",
    "payment": "No payment or refund is written. What stands there stays, and ages.",
    "activity": "No entries are made in the timeline. What stands there stays.",
    "task": "No follow-up tasks are made or closed. Tasks that stand there stay with whoever has them.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `state`: held, new, changed or removed by the draft; `was`: how the figure was shown before.

    `problems`: why it does not fit; None while Salesforce cannot be asked.
    """

    rule: Rule
    about: Figure | None
    target: OrgField | None
    shown: str
    example: str
    problems: tuple[str, ...] | None
    state: str = "held"
    was: str = ""
    pinned: bool = False

    @property
    def label(self) -> str:
        """The figure's name."""
        return self.about.label if self.about else self.rule.figure


@dataclass(frozen=True, slots=True)
class Card:
    """One kind of record. `off`: what switching it off means; `ours`: figures that always stand in our own fields."""

    kind: str
    label: str
    object: str
    meaning: str
    off: str
    on: bool
    switched: bool
    can_switch: bool
    mapped: bool
    lines: tuple[Line, ...] = ()
    ours: tuple[Figure, ...] = ()
    unset: tuple[Figure, ...] = ()  # figures that the environment has switched off


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a card is made from."""

    held: FieldMap
    working: FieldMap
    pins: Pins
    fields: OrgFields | None
    calendar: Calendar


def cards(scene: Scene) -> list[Card]:
    """All kinds, in the order in which people think of them."""
    return [_card(kind, scene) for kind in KINDS]


def _card(kind: str, scene: Scene) -> Card:
    part = scene.working.of(kind)
    return Card(
        kind=kind,
        label=KIND_LABELS[kind],
        object=OBJECTS[kind],
        meaning=_MEANING[kind],
        off=_OFF.get(kind, ""),
        on=part.on,
        switched=part.on != scene.held.of(kind).on,
        can_switch=can_switch(kind),
        mapped=kind in MAPPED,
        lines=_lines(kind, scene),
        ours=FIGURES[kind] if kind in MAPPED and kind != ACCOUNT else (),
        unset=_unset(kind, scene.pins),
    )


def _unset(kind: str, pins: Pins) -> tuple[Figure, ...]:
    if kind != ACCOUNT:
        return ()
    return tuple(found for name, field in pins.items() if not field and (found := figure(ACCOUNT, name)))


def _lines(kind: str, scene: Scene) -> tuple[Line, ...]:
    kept = [_line(kind, rule, scene) for rule in scene.working.of(kind).rules]
    gone = [rule for rule in scene.held.of(kind).rules if find(scene.working, kind, rule.field) is None]
    return (*kept, *(_line(kind, rule, scene, removed=True) for rule in gone))


def _line(kind: str, rule: Rule, scene: Scene, *, removed: bool = False) -> Line:
    about, then = figure(kind, rule.figure), find(scene.held, kind, rule.field)
    state, was = "held", ""
    if removed:
        state = "removed"
    elif then is None:
        state = "new"
    elif then != rule:
        state, was = "changed", _was(kind, then)
    target = scene.fields.get(kind, {}).get(rule.field.lower()) if scene.fields is not None else None
    return Line(
        rule,
        about,
        target,
        way(rule.transform, about),
        example(about, rule.transform, scene.calendar) if about else "",
        tuple(problems(kind, about, rule, target)) if about and scene.fields is not None else None,
        state,
        was,
        is_pinned(kind, rule.figure, scene.pins),
    )


def _was(kind: str, rule: Rule) -> str:
    about = figure(kind, rule.figure)
    return f"{about.label if about else rule.figure}, {way(rule.transform, about)}"


# --- what is read back -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A field that people fill in, and what Dueline does with it."""

    object: str
    field: str
    label: str
    use: str


READ_BACK = (
    ReadBack("AR_Commitment__c", "Amount__c", "Commitment: amount", "How much was promised; empty: all that is owed."),
    ReadBack("AR_Commitment__c", "Promised_On__c", "Commitment: promised on", "By when; after that it is broken."),
    ReadBack("AR_Commitment__c", "Invoice__c", "Commitment: invoice", "What it covers and is not chased meanwhile."),
    ReadBack("AR_Commitment__c", "Invoices__c", "Commitment: further invoices", "The same, by their numbers."),
    ReadBack("AR_Commitment__c", "Note__c", "Commitment: note", "Shown in the timeline."),
    ReadBack("AR_Commitment__c", "Cancelled__c", "Commitment: cancelled", "The promise does not count any more."),
    ReadBack("AR_Dispute__c", "Disputed_Amount__c", "Dispute: disputed amount", "What the customer contests."),
    ReadBack("AR_Dispute__c", "Category__c", "Dispute: category", "Reported by category."),
    ReadBack("AR_Dispute__c", "Reason__c", "Dispute: reason", "Shown in the timeline."),
    ReadBack("AR_Dispute__c", "Status__c", "Dispute: status", "Open disputes keep the invoice from being chased."),
    ReadBack("AR_Dispute__c", "Assigned_To__c", "Dispute: assigned to", "Who looks after it."),
    ReadBack("AR_Dispute__c", "Resolution__c", "Dispute: resolution", "How it ended."),
    ReadBack("AR_Activity__c", "Kind__c", "Timeline: kind", "Call, note or escalation."),
    ReadBack("AR_Activity__c", "Body__c", "Timeline: text", "What was said."),
    ReadBack("AR_Activity__c", "Escalated_To__c", "Timeline: escalated to", "Who is to deal with it."),
    ReadBack("AR_Invoice__c", "Assigned_To__c", "Invoice: assigned to", "Who follows it up."),
    ReadBack("Task", "Status", "Task: status", "A follow-up that is done is not asked for again."),
    ReadBack("Task", "OwnerId", "Task: owner", "Who has the follow-up."),
    ReadBack("Task", "Description", "Task: comments", "Shown in the timeline."),
    ReadBack("Task", "AR_Outcome__c", "Task: outcome", "What came of the follow-up."),
    ReadBack("Account", "OwnerId", "Account: owner", "Who gets the follow-ups."),
    ReadBack("AccountTeamMember", "UserId", "Account team: member", "Who else works with the account."),
)
