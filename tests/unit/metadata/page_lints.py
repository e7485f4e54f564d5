"""What an org refuses of layouts, list views, compact layouts, search layouts, tabs and the app."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.unit.metadata.field_lints import SYSTEM_FIELDS
from tests.unit.metadata.ownership import people_write
from tests.unit.metadata.project import Part, Project, SObject, flag, text, texts

_LIST_COLUMNS = {"NAME", "OWNER.ALIAS", "CREATED_DATE", "LAST_UPDATE"}
_LIST_MAX_COLUMNS = 15
_COMPACT_MAX_FIELDS = 10
# What list views of standard objects call their own columns, as far as ours use them.
_STANDARD_COLUMNS = {
    "Account": {"ACCOUNT.NAME", "CORE.USERS.ALIAS"},
    "Opportunity": {
        "OPPORTUNITY.NAME",
        "OPPORTUNITY.AMOUNT",
        "OPPORTUNITY.CLOSE_DATE",
        "OPPORTUNITY.STAGE_NAME",
        "OPPORTUNITY.CLOSED",
        "ACCOUNT.NAME",
        "CORE.USERS.ALIAS",
    },
}
_CHECKBOXES = {"OPPORTUNITY.CLOSED"}
_STANDARD_TABS = {
    "standard-Account",
    "standard-Case",
    "standard-Contact",
    "standard-Dashboard",
    "standard-Opportunity",
    "standard-Task",
    "standard-home",
    "standard-report",
}
_STANDARD_LISTS = {"RelatedEntityHistoryList"}
_SEARCH_LISTS = ("customTabListAdditionalFields", "lookupDialogsAdditionalFields", "searchResultsAdditionalFields")


def _is(item: SObject, name: str, kind: str) -> bool:
    node = item.find(name)
    return node is not None and text(node, "type") == kind


def _layout_object(part: Part) -> str:
    return part.name.partition("-")[0]


def list_views(project: Project) -> Iterator[str]:
    """Columns and filters name fields that exist and can be listed; filters name values that exist."""
    for item in project.objects.values():
        for part in item.list_views:
            for problem in (*_column_problems(item, part), *_filter_problems(item, part)):
                yield f"{project.where(part)}: {problem}"


def _columns(item: SObject) -> set[str]:
    return _STANDARD_COLUMNS.get(item.name, _LIST_COLUMNS) | set(item.fields)


def _column_problems(item: SObject, part: Part) -> Iterator[str]:
    columns = texts(part.root, "columns")
    if len(columns) > _LIST_MAX_COLUMNS or len(set(columns)) < len(columns):
        yield f"a list view has {_LIST_MAX_COLUMNS} columns at most, each once"
    for name in columns:
        if name not in _columns(item):
            yield f"{item.name} has no column {name}"
        if _is(item, name, "LongTextArea"):
            yield f"{name} is a long text, which a list cannot show"


def _filter_problems(item: SObject, part: Part) -> Iterator[str]:
    filters = part.root.findall("filters")
    for node in filters:
        name, value = text(node, "field"), text(node, "value")
        if name not in _columns(item) or _is(item, name, "LongTextArea"):
            yield f"cannot filter by {name}"
        field = item.find(name)
        values = [] if field is None else texts(field, "valueSet/valueSetDefinition/value/fullName")
        if values and value and (unknown := set(value.split(",")) - set(values)):
            yield f"{name} has no value {', '.join(sorted(unknown))}"
        if (_is(item, name, "Checkbox") or name in _CHECKBOXES) and value not in {"0", "1"}:
            yield f"a filter by the checkbox {name} compares with 0 or 1"
    logic = {int(number) for number in re.findall(r"\d+", text(part.root, "booleanFilter"))}
    if logic and logic != set(range(1, len(filters) + 1)):
        yield "booleanFilter must use every filter, by its number"


def compact_layouts(project: Project) -> Iterator[str]:
    """Compact layouts name fields that exist, and each object uses one of its own."""
    for item in project.custom_objects.values():
        for part in item.compact_layouts:
            names = texts(part.root, "fields")
            if len(names) > _COMPACT_MAX_FIELDS or len(set(names)) < len(names):
                yield f"{project.where(part)}: a compact layout has {_COMPACT_MAX_FIELDS} fields at most, each once"
            for name in names:
                if name not in SYSTEM_FIELDS | set(item.fields) or _is(item, name, "LongTextArea"):
                    yield f"{project.where(part)}: a compact layout of {item.name} cannot show {name}"
        chosen = text(item.definition.root if item.definition else None, "compactLayoutAssignment")
        if chosen not in {part.name for part in item.compact_layouts}:
            yield f"objects/{item.name}: compactLayoutAssignment names {chosen or 'nothing'}, which does not exist"


def search_layouts(project: Project) -> Iterator[str]:
    """Search results and lookup dialogs name fields that exist."""
    for item in project.custom_objects.values():
        if item.definition is None:
            continue
        for kind in _SEARCH_LISTS:
            for name in texts(item.definition.root, f"searchLayouts/{kind}"):
                if name not in SYSTEM_FIELDS | set(item.fields):
                    yield f"{project.where(item.definition)}: {kind} names {name}, which does not exist"


def layouts(project: Project) -> Iterator[str]:
    """Page layouts show every field once, ask for what is required, and let nobody type into what we write.

    An org refuses a layout without a required field ("Layout must contain an item for required layout field"), or
    with one that is not marked Required; a Name of type Text counts as required.
    """
    found = {_layout_object(part) for part in project.of("Layout")}
    for name in set(project.custom_objects) - found:
        yield f"layouts: {name} has no page layout"
    for part in project.of("Layout"):
        item = project.custom_objects.get(_layout_object(part))
        if item is None:
            yield f"{project.where(part)}: there is no object {_layout_object(part)}"
        else:
            for problem in (*_item_problems(item, part), *_related_problems(project, item, part)):
                yield f"{project.where(part)}: {problem}"


def _item_problems(item: SObject, part: Part) -> Iterator[str]:
    shown = {text(node, "field"): text(node, "behavior") for node in part.root.iter("layoutItems")}
    counts = Counter(text(node, "field") for node in part.root.iter("layoutItems"))
    for name in shown:
        if name not in SYSTEM_FIELDS | set(item.fields):
            yield f"{item.name} has no field {name}"
        if counts[name] > 1:
            yield f"{name} stands there {counts[name]} times"
    for name in item.fields:
        if name not in shown:
            yield f"{name} is not shown"
    for name, behaviour in shown.items():
        wanted = _behaviours(item, name)
        if behaviour not in wanted:
            yield f"{name} is {behaviour}, and must be {' or '.join(sorted(wanted))}"
    if "Name" not in shown:
        yield "Name is not shown"


def _behaviours(item: SObject, name: str) -> set[str]:
    """How a field may stand on a layout."""
    node = item.find(name)
    if name == "Name":
        kind = text(item.definition.root if item.definition else None, "nameField/type")
        return {"Required"} if kind == "Text" else {"Readonly"}
    if node is None:
        return {"Readonly", "Edit"}
    if flag(node, "required"):
        return {"Required"}
    if node.find("formula") is not None:
        return {"Readonly"}
    return {"Edit", "Required"} if people_write(item.name, name) else {"Readonly"}


def _related_problems(project: Project, item: SObject, part: Part) -> Iterator[str]:
    for node in part.root.findall("relatedLists"):
        listed = text(node, "relatedList")
        if listed in _STANDARD_LISTS:
            continue
        child = project.custom_objects.get(listed.partition(".")[0])
        lookup = child.find(listed.partition(".")[2]) if child else None
        if child is None or lookup is None or text(lookup, "referenceTo") != item.name:
            yield f"{listed} is not a list of children of {item.name}"
            continue
        for name in texts(node, "fields"):
            if name not in _LIST_COLUMNS | set(child.fields):
                yield f"{child.name} has no column {name}"


def tabs(project: Project) -> Iterator[str]:
    """Every object has a tab, and no tab stands for nothing: each shows an object or a Lightning page."""
    for name in set(project.custom_objects) - project.names("CustomTab"):
        yield f"tabs: {name} has no tab"
    for part in project.of("CustomTab"):
        if page := text(part.root, "flexiPage"):
            yield from (f"{project.where(part)}: {problem}" for problem in _page_tab_problems(project, part, page))
            continue
        if not flag(part.root, "customObject") or part.name not in project.custom_objects:
            yield f"{project.where(part)}: there is no object {part.name}"
        if part.root.find("label") is not None:
            yield f"{project.where(part)}: the tab of an object takes its label from the object; remove <label>"


def _page_tab_problems(project: Project, part: Part, page: str) -> Iterator[str]:
    kinds = {found.name: text(found.root, "type") for found in project.of("FlexiPage")}
    if kinds.get(page) != "AppPage":
        yield f"there is no app page {page}"
    if not text(part.root, "label"):
        yield "the tab of a page needs a <label>"


def apps(project: Project) -> Iterator[str]:
    """Apps show tabs that exist, each once."""
    for part in project.of("CustomApplication"):
        shown = texts(part.root, "tabs")
        for name in shown:
            if name not in _STANDARD_TABS | project.names("CustomTab"):
                yield f"{project.where(part)}: there is no tab {name}"
            if shown.count(name) > 1:
                yield f"{project.where(part)}: the tab {name} stands there {shown.count(name)} times"
