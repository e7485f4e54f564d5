"""The input types that all objects share: operators of each kind of field, dates, orderings and groupings."""

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
)

from connector.local.org.graphql.scalars import SCALARS

ORDERED = ("eq", "ne", "lt", "gt", "lte", "gte")
LISTED = ("in", "nin")
DATE_FUNCTIONS = (
    "DAY_IN_WEEK",
    "DAY_IN_MONTH",
    "DAY_IN_YEAR",
    "WEEK_IN_MONTH",
    "WEEK_IN_YEAR",
    "CALENDAR_MONTH",
    "CALENDAR_QUARTER",
    "CALENDAR_YEAR",
    "FISCAL_MONTH",
    "FISCAL_QUARTER",
    "FISCAL_YEAR",
)
TIME_FUNCTIONS = (*DATE_FUNCTIONS, "DAY_ONLY", "HOUR_IN_DAY")
_TEXTS = frozenset({"Email", "LongTextArea", "PhoneNumber", "Picklist", "String", "TextArea", "Url"})
_NAMES = {"Int": "IntegerOperators", "ID": "IdOperators", "Url": "URLOperators"}
_PERIODS = ("week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
_NAMED_PERIODS = ("WEEK", "MONTH", "QUARTER", "FISCAL_QUARTER", "YEAR", "FISCAL_YEAR")

Inputs = dict[str, GraphQLInputField]


def enum(name: str, *values: str) -> GraphQLEnumType:
    """An enumeration whose values are their own names."""
    return GraphQLEnumType(name, {value: value for value in values})


def inputs(names: tuple[str, ...], kind: GraphQLInputType) -> Inputs:
    """Input fields of one type."""
    return {name: GraphQLInputField(kind) for name in names}


def lists(kind: GraphQLInputType) -> Inputs:
    """`in` and `nin`."""
    return inputs(LISTED, GraphQLList(kind))


_LITERAL = enum(
    "DateLiteral",
    *("YESTERDAY", "TODAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"),
    *(f"{which}_{period}" for period in _NAMED_PERIODS for which in ("LAST", "THIS", "NEXT")),
)
_RANGE = GraphQLInputObjectType(
    "DateRange",
    {
        f"{before}{period}s{after}": GraphQLInputField(GraphQLInt)
        for period in ("day", *_PERIODS)
        for before, after in (("last_n_", ""), ("next_n_", ""), ("n_", "_ago"))
    },
)
_FUNCTION = GraphQLInputObjectType(
    "DateFunctionInput",
    {
        "value": GraphQLInputField(
            GraphQLInputObjectType("LongOperators", {**inputs(ORDERED, SCALARS["Long"]), **lists(SCALARS["Long"])})
        )
    },
)
_DAYS = GraphQLInputObjectType(
    "DateTimeFunctionInput",
    {
        "value": GraphQLInputField(
            GraphQLInputObjectType(
                "DatePrimitiveOperators", {**inputs(ORDERED, SCALARS["Date"]), **lists(SCALARS["Date"])}
            )
        )
    },
)


def _dates(kind: str, functions: tuple[str, ...]) -> GraphQLInputObjectType:
    value = GraphQLInputObjectType(
        f"{kind}Input",
        {
            "value": GraphQLInputField(SCALARS[kind]),
            "literal": GraphQLInputField(_LITERAL),
            "range": GraphQLInputField(_RANGE),
        },
    )
    computed = {name: GraphQLInputField(_DAYS if name == "DAY_ONLY" else _FUNCTION) for name in functions}
    return GraphQLInputObjectType(f"{kind}Operators", {**inputs(ORDERED, value), **lists(value), **computed})


def _plain(kind: str) -> GraphQLInputObjectType:
    scalar = SCALARS[kind]
    fields = {**inputs(ORDERED, scalar), **lists(scalar)}
    if kind in _TEXTS:
        fields["like"] = GraphQLInputField(scalar)
    return GraphQLInputObjectType(_NAMES.get(kind, f"{kind}Operators"), fields)


OPERATORS: dict[str, GraphQLInputObjectType] = {
    **{kind: _plain(kind) for kind in SCALARS if kind not in {"Boolean", "Date", "DateTime", "ID", "Long"}},
    "Boolean": GraphQLInputObjectType("BooleanOperators", inputs(("eq", "ne"), GraphQLBoolean)),
    "Date": _dates("Date", DATE_FUNCTIONS),
    "DateTime": _dates("DateTime", TIME_FUNCTIONS),
}


def id_operators(join: GraphQLInputObjectType) -> GraphQLInputObjectType:
    """Those of ids and lookups, which differ from user to user: what can be joined depends on what is seen."""
    fields = {**inputs(("eq", "ne"), SCALARS["ID"]), **lists(SCALARS["ID"])}
    return GraphQLInputObjectType(_NAMES["ID"], {**fields, **inputs(("inq", "ninq"), join)})


ORDER_BY_CLAUSE = GraphQLInputObjectType(
    "OrderByClause",
    {
        "order": GraphQLInputField(enum("ResultOrder", "ASC", "DESC")),
        "nulls": GraphQLInputField(enum("NullOrder", "FIRST", "LAST")),
    },
)
_ORDER = {
    "order": GraphQLInputField(enum("ResultsOrder", "ASC", "DESC")),
    "nulls": GraphQLInputField(enum("NullsOrder", "FIRST", "LAST")),
}


def _aggregate_order(kind: str, *functions: str) -> GraphQLInputObjectType:
    function = GraphQLInputField(enum(f"AggregateOrderBy{kind}Function", *functions))
    return GraphQLInputObjectType(f"AggregateOrderBy{kind}Clause", {"function": function, **_ORDER})


_NUMBER_ORDER = _aggregate_order("Number", "AVG", "COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM")
_STRING_ORDER = _aggregate_order("String", "COUNT", "COUNT_DISTINCT", "MAX", "MIN")
_NO_FUNCTION = GraphQLInputObjectType("NoFunctionAggregateOrderByClause", _ORDER)


def aggregate_order(kind: str) -> GraphQLInputObjectType:
    """How an aggregate query may be ordered by a field of that kind."""
    if kind == "Boolean":
        return _NO_FUNCTION
    return _NUMBER_ORDER if kind in {"Currency", "Double", "Int", "Percent"} else _STRING_ORDER


GROUP_BY_TYPE = enum("GroupByType", "GROUP_BY", "ROLLUP", "CUBE")
GROUP_BY_CLAUSE = GraphQLInputObjectType("GroupByClause", {"group": GraphQLInputField(GraphQLBoolean)})
# Days are grouped as they are too, by a published table; how that is written is unverified: here as for other fields.
GROUP_BY_DATE = GraphQLInputObjectType(
    "GroupByDateFunction",
    {
        "group": GraphQLInputField(GraphQLBoolean),
        "function": GraphQLInputField(enum("GroupByFunction", *TIME_FUNCTIONS)),
    },
)
