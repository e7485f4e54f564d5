"""What an org refuses of report types, reports and dashboards: columns, groupings and reports that are not there.

Reports stand on report types of our own, never on the generated ones: their columns are written `Account$Owner` and
`Account.AR_Invoices__r$Balance__c`, which says what they are, and can be checked.
"""

from collections import Counter
from collections.abc import Iterator

from tests.unit.metadata.project import Node, Part, Project, text, texts
from tests.unit.metadata.references import children, field_names, has_object

_TYPE_LABEL = 50
_NAME = 40
_GROUPINGS = {"Tabular": (0, 0), "Summary": (1, 3), "Matrix": (1, 2)}
_NUMBERS = {"Currency", "Number", "Percent"}
_STANDARD_NUMBERS = {"Amount", "Probability"}
_COUNT = "RowCount"
# What a report type calls a lookup of a standard kind: without its Id.
_BY_NAME = {"Owner", "CreatedBy", "LastModifiedBy", "Account"}


def tables(project: Project, name: str) -> dict[str, str]:
    """The tables of a report type (`Account`, `Account.AR_Invoices__r`) and the object that each is made of."""
    part = next(found for found in project.of("ReportType") if found.name == name)
    path = text(part.root, "baseObject")
    found = {path: path}
    join = part.root.find("join")
    while join is not None:
        child = children(project, found[path]).get(text(join, "relationship"))
        if child is None:
            break
        path = f"{path}.{text(join, 'relationship')}"
        found[path] = child
        join = join.find("join")
    return found


def report_types(project: Project) -> Iterator[str]:
    """Report types join rows that belong together, and list each field of them once."""
    for part in project.of("ReportType"):
        for problem in _report_type_problems(project, part):
            yield f"{project.where(part)}: {problem}"


def _report_type_problems(project: Project, part: Part) -> Iterator[str]:
    if not 0 < len(text(part.root, "label")) <= _TYPE_LABEL:
        yield f"a label has between 1 and {_TYPE_LABEL} characters"
    if not has_object(project, text(part.root, "baseObject")):
        yield f"there is no object {text(part.root, 'baseObject')}"
        return
    known = tables(project, part.name)
    if len(known) != 1 + sum(1 for _ in part.root.iter("join")):
        yield f"{text(part.root, 'baseObject')} has no rows called {text(part.root, './/join/relationship')}"
    columns = Counter((text(node, "table"), text(node, "field")) for node in part.root.iter("columns"))
    for (table, field), count in columns.items():
        if count > 1:
            yield f"{table}${field} stands there {count} times"
        if table not in known or not _is_field(project, known[table], field):
            yield f"there is no {field} in {table}"


def _is_field(project: Project, sobject: str, name: str) -> bool:
    return (f"{name}Id" if name in _BY_NAME else name) in field_names(project, sobject)


def reports(project: Project) -> Iterator[str]:
    """Reports lie in a folder that is shared, and name columns that their report type has."""
    for part in project.of("Report"):
        for problem in (*_folder_problems(project, part, "ReportFolder"), *_report_problems(project, part)):
            yield f"{project.where(part)}: {problem}"


def _folder_problems(project: Project, part: Part, kind: str) -> Iterator[str]:
    folder = next((found for found in project.of(kind) if found.name == part.name.partition("/")[0]), None)
    if folder is None or folder.root.find("folderShares") is None:
        yield f"the folder {part.name.partition('/')[0]} is missing, or shared with nobody"


def _report_problems(project: Project, part: Part) -> Iterator[str]:
    name = text(part.root, "reportType").removesuffix("__c")
    if name not in project.names("ReportType"):
        yield f"there is no report type {name}"
        return
    if not 0 < len(text(part.root, "name")) <= _NAME:
        yield f"a name has between 1 and {_NAME} characters"
    for column in _named(part.root):
        if column not in _available(project, part):
            yield f"there is no column {column}"
    yield from _grouping_problems(part)
    yield from _sum_problems(project, part)
    for node in part.root.findall("filter/criteriaItems"):
        yield from _filter_problems(project, part, node)


def _named(root: Node) -> Iterator[str]:
    """Every column that a report names, wherever it does."""
    places = ("columns/field", "groupingsDown/field", "groupingsAcross/field", "groupingsDown/sortByName")
    more = ("filter/criteriaItems/column", "timeFrameFilter/dateColumn", "buckets/sourceColumnName", "sortColumn")
    chart = ("chart/chartSummaries/column", "chart/groupingColumn", "chart/secondaryGroupingColumn")
    for place in (*places, *more, *chart):
        yield from texts(root, place)


def _available(project: Project, part: Part) -> set[str]:
    listed = next(found for found in project.of("ReportType") if f"{found.name}__c" == text(part.root, "reportType"))
    columns = {f"{text(node, 'table')}${text(node, 'field')}" for node in listed.root.iter("columns")}
    return columns | set(texts(part.root, "buckets/developerName")) | {_COUNT}


def _groupings(root: Node) -> list[str]:
    return [*texts(root, "groupingsDown/field"), *texts(root, "groupingsAcross/field")]


def _grouping_problems(part: Part) -> Iterator[str]:
    kind, columns, groups = text(part.root, "format"), texts(part.root, "columns/field"), _groupings(part.root)
    least, most = _GROUPINGS.get(kind, (0, 0))
    if not least <= len(part.root.findall("groupingsDown")) <= most:
        yield f"a {kind} report has {least} to {most} groupings"
    if (kind == "Matrix") != bool(part.root.findall("groupingsAcross")):
        yield "groupings across are for a Matrix report"
    for name in sorted(set(groups) & set(columns)):
        yield f"{name} is a grouping and a column: it is shown as a grouping"
    for name in texts(part.root, "chart/groupingColumn") + texts(part.root, "chart/secondaryGroupingColumn"):
        if name not in groups:
            yield f"the chart is grouped by {name}, the report is not"
    if (sort := text(part.root, "sortColumn")) and sort not in columns:
        yield f"rows are sorted by {sort}, which is no column"


def _sum_problems(project: Project, part: Part) -> Iterator[str]:
    summed = {text(node, "field"): texts(node, "aggregateTypes") for node in part.root.findall("columns")}
    for name, how in summed.items():
        if how and _type_of(project, part, name) not in _NUMBERS:
            yield f"{name} is no number, so it has no {', '.join(how)}"
    for node in part.root.findall("chart/chartSummaries"):
        if not _is_summed(node, text(node, "column"), summed):
            yield f"the chart shows the {text(node, 'aggregate')} of {text(node, 'column')}, which the report has not"
    for node in part.root.findall("groupingsDown"):
        by = text(node, "sortByName")
        if by and text(node, "aggregateType") not in summed.get(by, []):
            yield f"groups are sorted by the {text(node, 'aggregateType')} of {by}, which the report has not"
    date = text(part.root, "timeFrameFilter/dateColumn")
    if _type_of(project, part, date) not in {"Date", "DateTime"}:
        yield f"{date or 'timeFrameFilter'} is no date"


def _is_summed(node: Node, column: str, summed: dict[str, list[str]]) -> bool:
    return column == _COUNT or text(node, "aggregate") in summed.get(column, [])


def _definition(project: Project, part: Part, column: str) -> Node | None:
    table, _, field = column.partition("$")
    sobject = tables(project, text(part.root, "reportType").removesuffix("__c")).get(table, "")
    item = project.objects.get(sobject)
    return item.find(field) if item else None


def _type_of(project: Project, part: Part, column: str) -> str:
    """The type of a column as fields call it; standard ones are known by name."""
    field = column.partition("$")[2]
    if (node := _definition(project, part, column)) is not None:
        return text(node, "type")
    if field in _STANDARD_NUMBERS:
        return "Number"
    return "Date" if field.endswith("Date") else "Text"


def _filter_problems(project: Project, part: Part, node: Node) -> Iterator[str]:
    column, value = text(node, "column"), text(node, "value")
    definition = _definition(project, part, column)
    values = [] if definition is None else texts(definition, "valueSet/valueSetDefinition/value/fullName")
    if values and (unknown := set(value.split(",")) - set(values)):
        yield f"{column} has no value {', '.join(sorted(unknown))}"
    checkbox = definition is not None and text(definition, "type") == "Checkbox"
    if (checkbox or column.endswith("$IsClosed")) and value not in {"0", "1"}:
        yield f"{column} is a checkbox, which compares with 0 or 1"


def report_folders(project: Project) -> Iterator[str]:
    """Folders hold something, and a report type of ours is reported on."""
    used = {text(part.root, "reportType").removesuffix("__c") for part in project.of("Report")}
    for name in sorted(project.names("ReportType") - used):
        yield f"reportTypes/{name}: no report is made of it"
    for kind, inside in (("ReportFolder", "Report"), ("DashboardFolder", "Dashboard")):
        filled = {part.name.partition("/")[0] for part in project.of(inside)}
        for part in project.of(kind):
            if part.name not in filled:
                yield f"{project.where(part)}: the folder is empty"
            for share in part.root.findall("folderShares"):
                if text(share, "accessLevel") != "View":
                    yield f"{project.where(part, share)}: everybody may view what we ship, nobody need edit it"
