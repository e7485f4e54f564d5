"""Semi-joins and anti-joins: `Id IN (SELECT AccountId FROM Contact …)`, within the documented restrictions.

They may stand only in the outermost AND of the root's WHERE, two at most, about another object than the root's.
"""

from typing import NoReturn

from connector.local.org.model import OrgError, SObject
from connector.local.org.soql import errors, tree
from connector.local.org.soql.terms import Context, Names, Term

MAX_SEMI_JOINS = 2
_NOT_INSIDE = frozenset({"task", "event", "note", "attachment"})  # objects that semi-joins cannot select from


def check_places(query: tree.Query, depth: int) -> None:
    """MALFORMED_QUERY for semi-joins where none may be."""
    joins = [one for one in tree.comparisons(query.where) if isinstance(one.right, tree.Query)]
    where = query.where
    outermost = where.terms if isinstance(where, tree.Junction) and where.every else (where,)
    if joins and (depth > 1 or any(not any(join is term for term in outermost) for join in joins)):
        raise errors.malformed(
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
            "expressions."
        )
    if len(joins) > MAX_SEMI_JOINS:
        raise errors.malformed(f"Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed.")


def refuse_in_having(_query: tree.Query, _outer: Term) -> NoReturn:
    """HAVING takes no semi-joins."""
    raise errors.malformed("Semi join sub-selects are not allowed in HAVING")


def resolve(query: tree.Query, outer: Term, outer_object: SObject, context: Context) -> tuple[SObject, Term]:
    """The object a semi-join selects from and the field it selects; MALFORMED_QUERY where it cannot be one."""
    _check_left(outer)
    _check_clauses(query)
    sobject = context.source.schema.get(query.sobject.text)
    if sobject is None:
        raise errors.no_such_object(context.text, query.sobject.at, query.sobject.text)
    if sobject.name == outer_object.name:
        raise errors.malformed("The inner and outer selects should not be on the same object type")
    if sobject.name.lower() in _NOT_INSIDE:
        raise errors.malformed(f"Entity '{sobject.name}' is not supported for semi join inner selects")
    term = _selected(query, Names(context, sobject, query.alias))
    if _points_to(term, sobject).isdisjoint(_points_to(outer, outer_object)):
        raise errors.malformed(
            f"{errors.header(context.text, outer.at)}The selected field '{term.label}' in the subquery and the left "
            f"operand field in the where expression in the outer query '{outer.label}' should point to the same object "
            "type"
        )
    return sobject, term


def _check_left(outer: Term) -> None:
    if outer.hops:
        raise errors.malformed(f"The left operand '{outer.name}' cannot have more than one level of relationships")
    if outer.kind != "id":
        raise _not_an_id(outer.label.lower())


def _not_an_id(name: str) -> OrgError:
    return errors.malformed(f"semi join sub selects can only query id fields, cannot use: '{name}'")


def _check_clauses(query: tree.Query) -> None:
    if any(isinstance(one.right, tree.Query) for one in tree.comparisons(query.where)):
        raise errors.malformed("Nesting of semi join sub-selects is not supported")
    for clause, written in (
        ("ORDER BY", query.order_by),
        ("LIMIT", query.limit is not None),
        ("OFFSET", query.offset),
        ("GROUP BY", query.group_by),
    ):
        if written:
            raise errors.malformed(f"{clause} is not allowed in semi join sub-selects")


def _selected(query: tree.Query, names: Names) -> Term:
    item = query.select[0] if len(query.select) == 1 else None
    if not isinstance(item, tree.Selected) or not isinstance(item.operand, tree.Path):
        raise errors.malformed("semi join sub selects must select exactly one field")
    term = names.field(item.operand)
    if term.kind != "id" or term.hops:
        raise _not_an_id(term.name.lower())
    return term


def _points_to(term: Term, sobject: SObject) -> set[str]:
    """The objects whose ids the field holds."""
    if term.field is None or term.type == "id":
        return {sobject.name}
    return set(term.field.reference_to)
