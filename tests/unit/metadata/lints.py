"""What neither the schema nor the converter sees: every lint here stands for a deployment that really fails, or for a
decision of the design that metadata can break. Usable on any project of this shape: `lint(Project.load(folder))`.
"""

from collections.abc import Callable, Iterable, Iterator

from tests.unit.metadata import (
    access_lints,
    action_lints,
    component_lints,
    dashboard_lints,
    field_lints,
    flexi_lints,
    page_lints,
    report_lints,
)
from tests.unit.metadata.project import Project

Lint = Callable[[Project], Iterable[str]]

LINTS: dict[str, Lint] = {
    lint.__name__: lint
    for lint in (
        field_lints.file_names,
        field_lints.lengths,
        field_lints.api_names,
        field_lints.help_texts,
        field_lints.types,
        field_lints.keys,
        field_lints.lookups,
        field_lints.relationship_names,
        field_lints.picklists,
        field_lints.formulas,
        field_lints.allocations,
        page_lints.list_views,
        page_lints.compact_layouts,
        page_lints.search_layouts,
        page_lints.layouts,
        page_lints.tabs,
        page_lints.apps,
        flexi_lints.pages,
        flexi_lints.placed,
        flexi_lints.page_actions,
        flexi_lints.assignments,
        action_lints.quick_actions,
        action_lints.layout_actions,
        action_lints.notifications,
        component_lints.bundle_files,
        component_lints.imports,
        component_lints.labels,
        component_lints.message_channels,
        report_lints.report_types,
        report_lints.reports,
        report_lints.report_folders,
        dashboard_lints.dashboards,
        access_lints.field_permissions,
        access_lints.object_permissions,
        access_lints.coverage,
        access_lints.ownership,
        access_lints.grants_exist,
        access_lints.external_client_app,
        access_lints.placeholders,
    )
}


def lint(project: Project) -> Iterator[str]:
    """Everything that is wrong, each as `file:line: what (the lint's name)`."""
    for name, check in LINTS.items():
        yield from (f"{finding} ({name})" for finding in check(project))
