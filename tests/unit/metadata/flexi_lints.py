"""What an org refuses of Lightning pages: regions that the template lacks, components that may not stand there, actions
and properties that do not exist. And pages that nobody would ever see, because nothing assigns them.
"""

from collections import Counter
from collections.abc import Iterator

from tests.unit.metadata.bundles import Bundle, bundles
from tests.unit.metadata.project import Node, Part, Project, text, texts
from tests.unit.metadata.references import has_object

# template → type of page, regions (name → type). Read off pages that orgs wrote.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "flexipage:recordHomeTemplateDesktop": (
        "RecordPage",
        {"header": "Region", "main": "Region", "sidebar": "Region"},
    ),
    "flexipage:recordHomeSingleColTemplateDesktop": ("RecordPage", {"header": "Region", "main": "Region"}),
    "flexipage:defaultAppHomeTemplate": ("AppPage", {"main": "Region"}),
    "one:utilityBarTemplateDesktop": ("UtilityBar", {"utilityItems": "Region", "backgroundComponents": "Background"}),
}
# Salesforce's own components, and the properties of theirs that are used here.
COMPONENTS: dict[str, set[str]] = {
    "flexipage:tab": {"active", "body", "title"},
    "flexipage:tabset": {"tabs"},
    "force:detailPanel": set(),
    "force:highlightsPanel": {
        "actionNames",
        "collapsed",
        "enableActionsConfiguration",
        "enableActionsInNative",
        "hideChatterActions",
        "numVisibleActions",
    },
    "force:relatedListContainer": set(),
    "runtime_sales_activities:activityPanel": set(),
}
# What the utility bar says of each of its items.
_UTILITY = {"eager", "height", "icon", "label", "scrollable", "width"}
_HOLDS_FACET = {"body", "tabs"}
_STANDARD_ACTIONS = {"ChangeOwnerOne", "Clone", "Delete", "Edit"}
_OPERATORS = {"CONTAINS", "EQUAL", "GE", "GT", "LE", "LT", "NE"}
_FORM_FACTORS = {"Large", "Medium", "Small"}
_TARGETS = {
    "AppPage": "lightning__AppPage",
    "RecordPage": "lightning__RecordPage",
    "UtilityBar": "lightning__UtilityBar",
}


def pages(project: Project) -> Iterator[str]:
    """A page has the regions of its template, an object if it is a record page, and every facet in one place."""
    for part in project.of("FlexiPage"):
        for problem in (*_template_problems(project, part), *_facet_problems(part), *_identifier_problems(part)):
            yield f"{project.where(part)}: {problem}"


def _template_problems(project: Project, part: Part) -> Iterator[str]:
    template = text(part.root, "template/name")
    if template not in TEMPLATES:
        yield f"{template} is no template known here"
        return
    kind, regions = TEMPLATES[template]
    if text(part.root, "type") != kind:
        yield f"{template} is for pages of type {kind}"
    found = {text(node, "name"): text(node, "type") for node in _regions(part) if text(node, "type") != "Facet"}
    for name in sorted(set(found.items()) ^ set(regions.items())):
        yield f"{template} has {', '.join(regions)}; the {name[1]} {name[0]} is missing, or too many"
    sobject = text(part.root, "sobjectType")
    if (kind == "RecordPage") != has_object(project, sobject):
        yield f"sobjectType is {sobject or 'nothing'}: record pages name an object that exists, others none"


def _facet_problems(part: Part) -> Iterator[str]:
    facets = Counter(text(node, "name") for node in _regions(part))
    held = Counter(value for _, name, value in _properties(part) if name in _HOLDS_FACET)
    for name in facets:
        if facets[name] > 1:
            yield f"the region {name} stands there {facets[name]} times"
    for name in sorted({text(node, "name") for node in _regions(part) if text(node, "type") == "Facet"} ^ set(held)):
        yield f"the facet {name} is named but missing, or there but never named"
    for name in held:
        if held[name] > 1:
            yield f"the facet {name} is shown in {held[name]} places"


def _identifier_problems(part: Part) -> Iterator[str]:
    names = Counter(text(node, "identifier") for node in part.root.iter("componentInstance"))
    for name in names:
        if not name:
            yield "a component has no <identifier>"
        elif names[name] > 1:
            yield f"the identifier {name} stands there {names[name]} times"


def placed(project: Project) -> Iterator[str]:
    """Components exist, may stand on that kind of page and for that object, on every size, with those properties."""
    known = bundles(project)
    for part in project.of("FlexiPage"):
        for node in part.root.iter("componentInstance"):
            name = text(node, "componentName")
            if name in COMPONENTS:
                problems = _unknown_properties(node, COMPONENTS[name])
            elif name in known:
                problems = _bundle_problems(part, node, known[name])
            else:
                problems = iter([f"there is no component {name}"])
            yield from (f"{project.where(part, node)}: {problem}" for problem in problems)


def _bundle_problems(part: Part, node: Node, bundle: Bundle) -> Iterator[str]:
    kind, sobject = text(part.root, "type"), text(part.root, "sobjectType")
    target = bundle.targets.get(_TARGETS.get(kind, ""))
    if not bundle.exposed or target is None:
        yield f"{bundle.name} is not exposed for a page of type {kind}"
        return
    if target.objects and sobject not in target.objects:
        yield f"{bundle.name} is not for records of {sobject}"
    if missing := ({"Large"} if kind == "UtilityBar" else {"Large", "Small"}) - target.form_factors:
        yield f"{bundle.name} does not support the form factor {', '.join(sorted(missing))}"
    yield from _unknown_properties(node, set(target.properties))
    for item in node.findall("componentInstanceProperties"):
        definition = target.properties.get(text(item, "name"))
        if definition is not None and definition.get("type") == "Integer" and not text(item, "value").isdigit():
            yield f"{text(item, 'name')} is {text(item, 'value')!r}; it is an Integer"


def _unknown_properties(node: Node, known: set[str]) -> Iterator[str]:
    for item in node.findall("componentInstanceProperties"):
        allowed = _UTILITY if text(item, "type") == "decorator" else known
        if text(item, "name") not in allowed:
            yield f"{text(node, 'componentName')} has no property {text(item, 'name')}"


def page_actions(project: Project) -> Iterator[str]:
    """The actions of a record page exist and belong to its object; conditions are of a kind that Salesforce knows."""
    for part in project.of("FlexiPage"):
        known = {name for name in project.names("QuickAction") if name.startswith(f"{text(part.root, 'sobjectType')}.")}
        for node in part.root.iter("valueListItems"):
            if text(node, "value") not in known | _STANDARD_ACTIONS:
                yield f"{project.where(part, node)}: {text(node, 'value')} is no action of this page's object"
        for node in part.root.iter("criteria"):
            if text(node, "operator") not in _OPERATORS:
                yield f"{project.where(part, node)}: {text(node, 'operator')} is no operator"
            if text(node, "leftValue") != "{!$Client.FormFactor}" or text(node, "rightValue") not in _FORM_FACTORS:
                yield f"{project.where(part, node)}: only conditions on the form factor are known here"


def assignments(project: Project) -> Iterator[str]:
    """Record pages are assigned for desktop and phone: our objects' for the org, standard ones only in our app."""
    given = {
        (text(node, "content"), text(node, "formFactor"))
        for part, node in _overrides(project)
        if text(node, "actionName") == "View"
    }
    for part, node in _overrides(project):
        sobject = text(node, "pageOrSobjectType", part.name)
        if problem := _override_problem(project, node, sobject):
            yield f"{project.where(part, node)}: {problem}"
    for part in project.of("FlexiPage"):
        for size in ("Large", "Small"):
            if text(part.root, "type") == "RecordPage" and (part.name, size) not in given:
                yield f"{project.where(part)}: nothing assigns this page for the form factor {size}"
    bars = {part.name for part in project.of("FlexiPage") if text(part.root, "type") == "UtilityBar"}
    for part in project.of("CustomApplication"):
        if text(part.root, "utilityBar") not in bars:
            yield f"{project.where(part)}: there is no utility bar {text(part.root, 'utilityBar') or '(none named)'}"


def _override_problem(project: Project, node: Node, sobject: str) -> str | None:
    page = next((part for part in project.of("FlexiPage") if part.name == text(node, "content")), None)
    if text(node, "type") != "Flexipage":
        return "only Lightning pages override an action here"
    if page is None or text(page.root, "sobjectType") != sobject:
        return f"{text(node, 'content')} is no record page of {sobject}"
    return None


def _overrides(project: Project) -> Iterator[tuple[Part, Node]]:
    for part in project.parts:
        if part.kind in {"CustomApplication", "CustomObject"}:
            yield from ((part, node) for node in part.root.findall("actionOverrides"))
        for node in part.root.findall("profileActionOverrides"):
            yield part, node


def _regions(part: Part) -> list[Node]:
    return part.root.findall("flexiPageRegions")


def _properties(part: Part) -> Iterator[tuple[str, str, str]]:
    """Component, property, value."""
    for node in part.root.iter("componentInstance"):
        for item in node.findall("componentInstanceProperties"):
            yield text(node, "componentName"), text(item, "name"), "".join(texts(item, "value"))
