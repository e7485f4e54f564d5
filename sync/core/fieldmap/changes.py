"""What a change of the mapping means: which records say something else by it, and which fields come and go."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.core.fieldmap.figures import ACCOUNT, KINDS
from sync.core.fieldmap.rules import FieldMap, Rule


@dataclass(frozen=True, slots=True)
class KindChange:
    """What changes for one kind of record.

    `taken`: fields that a figure is written to now and was not before; `altered`: fields that say another figure, or
    say it in another way; `left`: fields that nothing is written to any more. `switched_on`: its records are written
    again from now on.
    """

    kind: str
    taken: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    switched_on: bool = False
    switched_off: bool = False

    @property
    def rewrites(self) -> bool:
        """Whether its records have to be written for the change to show."""
        return bool(self.taken or self.altered or self.switched_on)


def changes(before: FieldMap, after: FieldMap) -> dict[str, KindChange]:
    """The kinds for which anything changes, in the order in which records are written."""
    found = {kind: _change(kind, before, after) for kind in KINDS}
    return {kind: change for kind, change in found.items() if change != KindChange(kind)}


def _change(kind: str, before: FieldMap, after: FieldMap) -> KindChange:
    was_on, is_on = before.is_on(kind), after.is_on(kind)
    old, new = _by_field(before, kind), _by_field(after, kind)
    stays = was_on and not is_on and kind != ACCOUNT  # what stands there of a kind that is switched off stays
    return KindChange(
        kind,
        taken=tuple(rule.field for name, rule in new.items() if name not in old),
        altered=tuple(rule.field for name, rule in new.items() if name in old and not _same(old[name], rule)),
        left=() if stays else tuple(rule.field for name, rule in old.items() if name not in new),
        switched_on=is_on and not was_on,
        switched_off=was_on and not is_on,
    )


def _by_field(fieldmap: FieldMap, kind: str) -> Mapping[str, Rule]:
    return {rule.field.lower(): rule for rule in fieldmap.rules(kind)}


def _same(one: Rule, other: Rule) -> bool:
    return (one.figure, one.transform) == (other.figure, other.transform)
