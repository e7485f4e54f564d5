"""Reading requests as Stripe does: bracketed parameters, paging, ranges; unknown parameters are refused by name."""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from connector.local.stripe.refusal import Json, StripeRefusal, invalid, missing
from connector.local.stripe.store import Query
from connector.local.stripe.world import World

_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PAGING = frozenset({"limit", "starting_after", "ending_before", "created", "expand"})


def nested(given: "MultiDict[str, str]") -> Json:
    """`a[b]=1&c[]=2&c[]=3` as `{"a": {"b": "1"}, "c": ["2", "3"]}`."""
    found: Json = {}
    for name, values in given.lists():
        keys = re.findall(r"[^\[\]]+", name)
        if not keys or len(keys) > 2:
            raise unknown(name)
        if name.endswith("[]") or (len(keys) == 2 and keys[1].isdigit()):
            found.setdefault(keys[0], []).extend(values)
        elif len(keys) == 2:
            found.setdefault(keys[0], {})[keys[1]] = values[-1]
        else:
            found[keys[0]] = values[-1]
    return found


def unknown(name: str) -> StripeRefusal:
    """The answer to a parameter that this endpoint does not take."""
    return invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")


def to_query(kind: str, given: Json, filters: frozenset[str], world: World) -> Query:
    """The list request as a query. Refuses unknown parameters and a cursor that is no object."""
    strange = sorted(given.keys() - _PAGING - filters)
    if strange:
        raise unknown(strange[0])
    after, before = given.get("starting_after"), given.get("ending_before")
    if after and before:
        raise invalid("You may only specify one of these parameters: ending_before, starting_after.")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        known = world.store.get(cursor) if cursor else None
        if cursor and (known is None or known["object"] != kind):
            raise missing(kind, cursor, param=name, status=400)
    match = {name: given[name] for name in filters & given.keys() if isinstance(given[name], str)}
    bounds = tuple(_bounds(given.get("created"), "created"))
    limit = whole(given.get("limit", "10"), "limit")
    if not 1 <= limit <= 100:
        raise invalid("This value must be from 1 to 100.", param="limit", code="parameter_invalid_integer")
    return Query(kind, match=match, bounds=bounds, limit=limit, starting_after=after, ending_before=before)


def _bounds(given: Any, name: str) -> list[tuple[str, int]]:
    if given is None:
        return []
    if isinstance(given, str):
        return [("=", whole(given, name))]
    if not isinstance(given, Mapping) or not given.keys() <= _OPERATORS.keys():
        raise unknown(name)
    return [(_OPERATORS[operator], whole(second, name)) for operator, second in given.items()]


def whole(text: str, name: str) -> int:
    """An integer parameter."""
    try:
        return int(text)
    except ValueError:
        raise invalid(f"Invalid integer: {text}", param=name, code="parameter_invalid_integer") from None


def truth(text: str, name: str) -> bool:
    """A boolean parameter."""
    if text not in ("true", "false"):
        raise invalid(f"Invalid boolean: {text}", param=name)
    return text == "true"
