"""What an org refuses of objects and fields although their files are well-formed, and what we ask of them."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.unit.metadata.project import Node, Part, Project, flag, text, texts
from tests.unit.metadata.references import resolves

# Objects outside the project that a lookup may point to.
STANDARD_OBJECTS = {"Account", "User"}
# Fields that every object has.
SYSTEM_FIELDS = {"Name", "OwnerId", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate"}

# Limits of the platform, in characters or pieces.
LABEL = 40
API_NAME = 40
HELP_TEXT = 510
DESCRIPTION = 1000
PICKLIST_VALUE = 255
FORMULA = 3900
EXTERNAL_IDS = 25
TRACKED_FIELDS = 20

# Picklists to which an org adds values of its own: (object, field) → why.
OPEN_PICKLISTS = {("AR_Activity__c", "Escalated_Team__c"): "every company has teams of its own"}

_CAN_BE_KEY = {"Text", "Number", "Email"}
_NEVER_REQUIRED = {"Checkbox", "LongTextArea"}
_FORMULA_TYPES = {"Checkbox", "Currency", "Date", "DateTime", "Number", "Percent", "Text"}
_FUNCTIONS = set(
    "AND BLANKVALUE CASE DATEVALUE DAY IF ISBLANK ISCHANGED ISNEW ISPICKVAL MAX MID MIN MONTH NOT OR TEXT TODAY "
    "YEAR".split()
)
_CONSTANTS = {"NULL", "TRUE", "FALSE"}
# Kinds whose file name is an API name.
_NAMED = set(
    "CompactLayout CustomField CustomNotificationType CustomObject CustomTab Dashboard DashboardFolder FlexiPage "
    "LightningMessageChannel ListView PermissionSet QuickAction Report ReportFolder ReportType ValidationRule".split()
)


def fields(project: Project) -> Iterator[tuple[str, str, Part]]:
    """Every custom field with the name of its object and its own."""
    for item in project.objects.values():
        for name, part in item.fields.items():
            yield item.name, name, part


def file_names(project: Project) -> Iterator[str]:
    """A component whose `fullName` is not that of its file is deployed under a name nobody expects."""
    for part in project.parts:
        inner = text(part.root, "fullName", part.name)
        if inner != part.name:
            yield f"{project.where(part)}: fullName is {inner}; the file is called {part.name}"


def lengths(project: Project) -> Iterator[str]:
    """Labels, names, help texts, picklist values and formulas within the platform's limits."""
    for part in project.parts:
        limits = {"label": LABEL, "pluralLabel": LABEL, "relationshipLabel": 80, "relationshipName": API_NAME}
        limits |= {"inlineHelpText": HELP_TEXT, "formula": FORMULA, "description": DESCRIPTION, "masterLabel": 80}
        if part.kind == "ValidationRule":
            limits |= {"description": 255, "errorMessage": 255, "errorConditionFormula": FORMULA}
        for name, limit in limits.items():
            for node in part.root.findall(name):
                if len(node.text or "") > limit:
                    yield f"{project.where(part, node)}: <{name}> has {len(node.text or '')} characters, {limit} fit"
        for node in part.root.iterfind("valueSet//value/*"):
            if len(node.text or "") > PICKLIST_VALUE:
                yield f"{project.where(part, node)}: a picklist value holds {PICKLIST_VALUE} characters"
        if len(part.name.removesuffix("__c")) > API_NAME and part.kind in {"CustomField", "CustomObject", "ListView"}:
            yield f"{project.where(part)}: an API name holds {API_NAME} characters"


def api_names(project: Project) -> Iterator[str]:
    """API names: a letter, then letters, digits and single underscores. An action is named after its object."""
    for part in project.parts:
        if part.kind not in _NAMED:
            continue
        for piece in re.split("[./]", part.name):
            if not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", piece.removesuffix("__c")):
                yield f"{project.where(part)}: {piece} is not an API name"


def help_texts(project: Project) -> Iterator[str]:
    """Every field says in words what it holds, and who writes it."""
    for _, name, part in fields(project):
        for element in ("inlineHelpText", "description"):
            if not text(part.root, element).strip():
                yield f"{project.where(part)}: {name} has no <{element}>"


def types(project: Project) -> Iterator[str]:
    """What each type of field needs, and what it does not allow."""
    for _, name, part in fields(project):
        for problem in _type_problems(part.root):
            yield f"{project.where(part)}: {name} {problem}"


def _type_problems(node: Node) -> Iterator[str]:
    kind, formula = text(node, "type"), node.find("formula") is not None
    length = int(text(node, "length", "0"))
    if kind in _NEVER_REQUIRED and node.find("required") is not None:
        yield f"is a {kind}, which cannot be required; remove <required>"
    if (flag(node, "externalId") or flag(node, "unique")) and kind not in _CAN_BE_KEY:
        yield f"is a {kind}, which can be neither external id nor unique"
    if formula:
        yield from _formula_type_problems(node, kind)
        return
    match kind:
        case "Text" if not 1 <= length <= 255:
            yield "needs a length from 1 to 255"
        case "LongTextArea" if not (256 <= length <= 131072 and int(text(node, "visibleLines", "0")) >= 2):
            yield "needs a length from 256 to 131072 and at least 2 visible lines"
        case "Currency" | "Number" if (
            not 0 <= int(text(node, "scale", "-1")) <= int(text(node, "precision", "0")) <= 18
        ):
            yield "needs a precision up to 18 with a scale within it"
        case "Checkbox" if node.find("defaultValue") is None:
            yield "is a Checkbox, which needs a <defaultValue>"
        case "MasterDetail" | "Summary":
            yield f"is a {kind}: a write to it would lock the account; use a Lookup and a figure that we write"


def _formula_type_problems(node: Node, kind: str) -> Iterator[str]:
    if kind not in _FORMULA_TYPES:
        yield f"is a formula of type {kind}, which formulas cannot have"
    if flag(node, "required") or node.find("defaultValue") is not None or node.find("length") is not None:
        yield "is a formula: it can be neither required nor have a default or a length"
    if text(node, "formulaTreatBlanksAs") != "BlankAsBlank":
        yield "is a formula that must treat blanks as blanks: no figure is not the figure 0"


def keys(project: Project) -> Iterator[str]:
    """Every custom object has a `Key__c` that an upsert can use: a unique, case-sensitive external id of type Text."""
    for item in project.custom_objects.values():
        node = item.find("Key__c")
        wanted = ("externalId", "unique", "caseSensitive")
        if node is None or text(node, "type") != "Text" or not all(flag(node, name) for name in wanted):
            yield f"objects/{item.name}: Key__c must be Text with {', '.join(wanted)}"


def lookups(project: Project) -> Iterator[str]:
    """Lookups point to something, and a required one cannot be emptied when its parent is deleted."""
    for _, name, part in fields(project):
        node = part.root
        if text(node, "type") != "Lookup":
            continue
        target = text(node, "referenceTo")
        if target not in STANDARD_OBJECTS | set(project.custom_objects):
            yield f"{project.where(part)}: {name} points to {target or 'nothing'}, which does not exist"
        if not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", text(node, "relationshipName")):
            yield f"{project.where(part)}: {name} needs a relationshipName that is an API name"
        constraint = text(node, "deleteConstraint")
        if flag(node, "required") and constraint == "SetNull":
            yield f"{project.where(part)}: {name} is required, so deleting its parent cannot set it to null"
        if not flag(node, "required") and constraint != "SetNull":
            yield f"{project.where(part)}: {name} must be SetNull, or deleting its parent fails"


def relationship_names(project: Project) -> Iterator[str]:
    """Two lookups to one parent need two relationship names."""
    seen: dict[tuple[str, str], str] = {}
    for sobject, name, part in fields(project):
        relation = (text(part.root, "referenceTo"), text(part.root, "relationshipName").lower())
        if text(part.root, "type") == "Lookup":
            first = seen.setdefault(relation, f"{sobject}.{name}")
            if first != f"{sobject}.{name}":
                yield f"{project.where(part)}: {relation[0]} has that relationshipName already, from {first}"


def picklists(project: Project) -> Iterator[str]:
    """Picklists are restricted (a typo is an error, not a new value), with distinct values and one default at most."""
    for sobject, name, part in fields(project):
        if text(part.root, "type") != "Picklist":
            continue
        values = texts(part.root, "valueSet/valueSetDefinition/value/fullName")
        if not flag(part.root.find("valueSet"), "restricted") and (sobject, name) not in OPEN_PICKLISTS:
            yield f"{project.where(part)}: {name} is not restricted"
        if not values or len(set(values)) < len(values):
            yield f"{project.where(part)}: {name} needs values, each once"
        if texts(part.root, "valueSet/valueSetDefinition/value/default").count("true") > 1:
            yield f"{project.where(part)}: {name} has several defaults"


def formulas(project: Project) -> Iterator[str]:
    """Formulas and validation rules name only fields and functions that exist, and do not go round in circles."""
    for sobject, _, part in fields(project):
        yield from _formula_problems(project, sobject, part, "formula")
    for item in project.objects.values():
        for part in item.validation_rules:
            yield from _formula_problems(project, item.name, part, "errorConditionFormula")
        uses = {name: _names(text(part.root, "formula")) & set(item.fields) for name, part in item.fields.items()}
        for name in uses:
            if name in _reached(uses, name):
                yield f"objects/{item.name}: the formula of {name} comes back to itself"


def _formula_problems(project: Project, sobject: str, part: Part, element: str) -> Iterator[str]:
    formula = text(part.root, element)
    if formula.count("(") != formula.count(")"):
        yield f"{project.where(part)}: parentheses do not match"
    for name in _functions(formula) - _FUNCTIONS:
        yield f"{project.where(part)}: {name}() is not a function known here"
    for name in sorted(name for name in _names(formula) - _CONSTANTS if not resolves(project, sobject, name)):
        yield f"{project.where(part)}: {sobject} has no field {name}"


def _functions(formula: str) -> set[str]:
    return set(re.findall(r"([A-Za-z_][\w.$]*)\s*\(", _without_strings(formula)))


def _names(formula: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_][\w.$]*(?![\w.$]*\s*\()", _without_strings(formula)))


def _without_strings(formula: str) -> str:
    return re.sub(r'"[^"]*"', "", formula)


def _reached(uses: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(uses[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += uses[name]
    return reached


def allocations(project: Project) -> Iterator[str]:
    """Limits per object: external ids, and fields whose history is kept (only where the object keeps any)."""
    for item in project.objects.values():
        nodes = [part.root for part in item.fields.values()]
        counts = Counter(name for node in nodes for name in ("externalId", "trackHistory") if flag(node, name))
        if counts["externalId"] > EXTERNAL_IDS or counts["trackHistory"] > TRACKED_FIELDS:
            yield f"objects/{item.name}: {EXTERNAL_IDS} external ids and {TRACKED_FIELDS} tracked fields fit"
        history = item.definition is not None and flag(item.definition.root, "enableHistory")
        if counts["trackHistory"] and not history:
            yield f"objects/{item.name}: fields have trackHistory, but the object does not enableHistory"
