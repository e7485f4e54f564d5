"""Lists with paging, sorting and filters, all of it kept in the address, so that a view can be sent to a colleague."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request, url_for

from sync.admin.typed import clean

PER_PAGE = 50
_MOST_PAGES = 100_000
_LONGEST = 200  # characters of a search


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called in the address and to people. `number`: set to the right."""

    name: str
    title: str
    sortable: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a list. `sort` is always one of its columns, `filters` only hold known names."""

    page: int
    sort: str
    down: bool
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * PER_PAGE

    @property
    def limit(self) -> int:
        """Rows of a page."""
        return PER_PAGE

    def address(self, **changes: object) -> str:
        """The address of the same list with something else asked for."""
        values: dict[str, object] = {**self.filters, "sort": self.sort, "down": "1" if self.down else None}
        values |= {"page": self.page if self.page > 1 else None} | changes
        kept = {name: value for name, value in values.items() if value not in {None, ""}}
        return url_for(request.endpoint or "home", **{**(request.view_args or {}), **kept})

    def turned(self, column: str) -> str:
        """The address sorted by a column; the other way round if it is already."""
        down = "1" if column == self.sort and not self.down else None
        return self.address(sort=column, down=down, page=None)


def asked(columns: Sequence[Column], sort: str, *, down: bool = False, filters: Sequence[str] = ()) -> Asked:
    """Read the address; what makes no sense there is left out. `sort`, `down`: the order if none is asked for."""
    sortable = {column.name for column in columns if column.sortable}
    wanted = request.args.get("sort", "")
    chosen = wanted if wanted in sortable else sort
    page = request.args.get("page", default=1, type=int)
    return Asked(
        page=min(max(1, page), _MOST_PAGES),
        sort=chosen,
        down=request.args.get("down") == "1" if wanted in sortable else down,
        filters={name: clean(request.args.get(name, ""))[:_LONGEST] for name in filters},
    )


@dataclass(frozen=True, slots=True)
class Paging:
    """Where this page stands among all."""

    asked: Asked
    total: int

    @property
    def first(self) -> int:
        """Number of the first row shown; 0 if there is none."""
        return self.asked.offset + 1 if self.total > self.asked.offset else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.total, self.asked.offset + PER_PAGE)

    @property
    def before(self) -> str | None:
        """The address of the page before."""
        page = self.asked.page - 1
        return self.asked.address(page=page if page > 1 else None) if page else None

    @property
    def after(self) -> str | None:
        """The address of the next page."""
        return self.asked.address(page=self.asked.page + 1) if self.last < self.total else None
