"""What an org refuses of dashboards: reports, groupings and sums that are not there, components on each other."""

from collections.abc import Iterator

from tests.unit.metadata.project import Node, Part, Project, text, texts

_HEADER = 40
_COMPONENTS = 20
_COUNT = "RowCount"
# How a table of a dashboard writes "the sum of": s!Account$Amount.
_AGGREGATES = {"s": "Sum", "a": "Average", "mx": "Maximum", "m": "Minimum"}


def dashboards(project: Project) -> Iterator[str]:
    """Each component shows a report, by groupings and sums that it has; viewers see what they may see themselves."""
    for part in project.of("Dashboard"):
        if part.name.partition("/")[0] not in project.names("DashboardFolder"):
            yield f"{project.where(part)}: there is no folder {part.name.partition('/')[0]}"
        if text(part.root, "dashboardType") != "LoggedInUser" or part.root.find("runningUser") is not None:
            yield f"{project.where(part)}: a dashboard that runs as one user shows everybody what that user may see"
        for problem in _grid_problems(part):
            yield f"{project.where(part)}: {problem}"
        for node in part.root.iter("dashboardComponent"):
            yield from (f"{project.where(part, node)}: {problem}" for problem in _component_problems(project, node))


def _grid_problems(part: Part) -> Iterator[str]:
    cells = part.root.findall("dashboardGridLayout/dashboardGridComponents")
    if len(cells) > _COMPONENTS:
        yield f"a dashboard has {_COMPONENTS} components at most"
    taken: set[tuple[int, int]] = set()
    width = int(text(part.root, "dashboardGridLayout/numberOfColumns", "0"))
    for cell in cells:
        column, row, across, down = (
            int(text(cell, name, "0")) for name in ("columnIndex", "rowIndex", "colSpan", "rowSpan")
        )
        header = text(cell, "dashboardComponent/header")
        area = {(x, y) for x in range(column, column + across) for y in range(row, row + down)}
        if column + across > width:
            yield f"{header} reaches beyond column {width}"
        if area & taken:
            yield f"{header} lies on another component"
        taken |= area


def _component_problems(project: Project, node: Node) -> Iterator[str]:
    name = text(node, "report")
    report = next((part for part in project.of("Report") if part.name == name), None)
    if report is None:
        yield f"there is no report {name}"
        return
    for title in (text(node, "header"), text(node, "footer")):
        if len(title) > _HEADER:
            yield f"{title!r} has more than {_HEADER} characters"
    groups = {*texts(report.root, "groupingsDown/field"), *texts(report.root, "groupingsAcross/field")}
    for group in [*texts(node, "groupingColumn"), *_table(node, "grouping")]:
        if group not in groups:
            yield f"{name} is not grouped by {group}"
    for summary in node.findall("chartSummary"):
        yield from _sum_problems(report, text(summary, "column"), text(summary, "aggregate"))
    for column in _table(node, "aggregate"):
        how, _, field = column.rpartition("!")
        yield from _sum_problems(report, field, _AGGREGATES.get(how, ""))


def _table(node: Node, kind: str) -> list[str]:
    columns = node.findall("flexComponentProperties/flexTableColumn")
    return [text(column, "reportColumn") for column in columns if text(column, "type") == kind]


def _sum_problems(report: Part, column: str, how: str) -> Iterator[str]:
    summed = {text(node, "field"): texts(node, "aggregateTypes") for node in report.root.findall("columns")}
    if column != _COUNT and how not in summed.get(column, []):
        yield f"{report.name} has no {how or 'sum'} of {column}"
