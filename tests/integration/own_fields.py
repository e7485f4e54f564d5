"""An org with fields that its company has made itself, which the integration user may edit."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.local.org.server import LocalOrg, OrgConfig
from tests.integration.place import ADMIN, INTEGRATION, METADATA

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def _picklist(*names: str) -> str:
    values = "".join(f"<value><fullName>{name}</fullName><default>false</default></value>" for name in names)
    inner = f"<valueSetDefinition><sorted>false</sorted>{values}</valueSetDefinition>"
    return f"<type>Picklist</type><valueSet><restricted>true</restricted>{inner}</valueSet>"


_AMOUNT = "<type>Currency</type><precision>18</precision><scale>2</scale>"
FIELDS: dict[str, str] = {
    "Account.Owed__c": _AMOUNT,
    "Account.Owed_Words__c": "<type>Text</type><length>40</length>",
    "Account.Late_Words__c": "<type>Text</type><length>40</length>",
    "Account.Late_Box__c": "<type>Checkbox</type><defaultValue>false</defaultValue>",
    "Account.Late_Days__c": "<type>Number</type><precision>10</precision><scale>0</scale>",
    "Account.Since__c": "<type>Date</type>",
    "Account.Since_Words__c": "<type>Text</type><length>20</length>",
    "Account.Told_At__c": "<type>DateTime</type>",
    "Account.Light__c": _picklist("Green", "Amber", "Red"),
    "Account.Twice__c": "<type>Number</type><precision>18</precision><scale>2</scale><formula>Owed__c * 2</formula>",
    "AR_Invoice__c.Still_Owed__c": "<type>Text</type><length>60</length>",
    "AR_Invoice__c.Light__c": _picklist("Green", "Red"),
    "AR_Payment__c.Paid_Words__c": "<type>Text</type><length>60</length>",
    "AR_Summary__c.Owed_Words__c": "<type>Text</type><length>60</length>",
}
STANDARD: dict[str, str] = dict.fromkeys(("Account.AnnualRevenue", "Account.NumberOfEmployees", "Account.Site"), "")
RULE = """<ValidationRule {xmlns}><fullName>Not_Too_Much</fullName><active>true</active>
<errorConditionFormula>Owed__c &gt; 1000</errorConditionFormula>
<errorMessage>Nobody may owe more than 1,000.</errorMessage></ValidationRule>"""


@contextmanager
def org_with_own_fields(folder: Path, *, rule: bool = False) -> Iterator[LocalOrg]:
    """Such an org, perhaps with a rule that no account may owe more than 1,000."""
    project = folder / "own-fields"
    shutil.copytree(METADATA, project)
    root = project / "force-app/main/default"
    for name, content in FIELDS.items():
        owner, _, field = name.partition(".")
        told = f"<fullName>{field}</fullName><label>{field.removesuffix('__c')}</label>{content}"
        path = root / "objects" / owner / "fields" / f"{field}.field-meta.xml"
        path.write_text(f"{_HEAD}<CustomField {_XMLNS}>{told}</CustomField>")
    granted = "".join(
        f"<fieldPermissions><editable>{'false' if 'formula' in content else 'true'}</editable><field>{name}</field>"
        "<readable>true</readable></fieldPermissions>"
        for name, content in (FIELDS | STANDARD).items()
    )
    path = root / "permissionsets/Own_Fields.permissionset-meta.xml"
    path.write_text(f"{_HEAD}<PermissionSet {_XMLNS}>{granted}<label>Own fields</label></PermissionSet>")
    if rule:
        rules = root / "objects/Account/validationRules"
        rules.mkdir(exist_ok=True)
        (rules / "Not_Too_Much.validationRule-meta.xml").write_text(_HEAD + RULE.format(xmlns=_XMLNS))
    sets = ("Dueline_Integration", "Own_Fields")
    with LocalOrg(OrgConfig(project, INTEGRATION, ADMIN, integration_permission_sets=sets)) as org:
        yield org
