"""The mapping screen on a whole product: an org with fields of its own, a draft, its preview, saving and undoing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.local.org.server import LocalOrg, OrgConfig
from sync.admin.conftest import Visitor, text_of
from tests.integration import place as places

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_FIELDS = {
    ("Account", "Owed__c"): "<type>Currency</type><precision>18</precision><scale>2</scale>",
    ("Account", "Owed_Words__c"): "<type>Text</type><length>40</length>",
    ("Account", "Short__c"): "<type>Text</type><length>4</length>",
    ("Account", "Since__c"): "<type>Date</type>",
    ("Account", "Traffic_Light__c"): (
        "<type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted>"
        + "".join(
            f"<value><fullName>{name}</fullName><default>false</default><label>{name}</label></value>"
            for name in ("Green", "Amber", "Red")
        )
        + "</valueSetDefinition></valueSet>"
    ),
    ("AR_Invoice__c", "Still_Owed__c"): "<type>Text</type><length>60</length>",
}


def _more_fields(root: Path) -> None:
    """Fields as a company adds them, which the integration user may edit."""
    for (owner, name), content in _FIELDS.items():
        label = name.removesuffix("__c").replace("_", " ")
        path = root / "objects" / owner / "fields" / f"{name}.field-meta.xml"
        told = f"<fullName>{name}</fullName><label>{label}</label><required>false</required>{content}"
        path.write_text(f"{_HEAD}<CustomField {_XMLNS}>{told}</CustomField>")
    granted = "".join(
        f"<fieldPermissions><editable>true</editable><field>{owner}.{name}</field><readable>true</readable>"
        "</fieldPermissions>"
        for owner, name in _FIELDS
    )
    path = root / "permissionsets" / "Own_Fields.permissionset-meta.xml"
    path.write_text(f"{_HEAD}<PermissionSet {_XMLNS}>{granted}<label>Own fields</label></PermissionSet>")


@pytest.fixture
def local_org(tmp_path: Path) -> Iterator[LocalOrg]:
    """An org with fields of the company's own beside ours."""
    project = tmp_path / "project"
    shutil.copytree(places.METADATA, project)
    _more_fields(project / "force-app/main/default")
    config = OrgConfig(
        metadata=project,
        integration=places.INTEGRATION,
        org_admin=places.ADMIN,
        integration_permission_sets=("Dueline_Integration", "Own_Fields"),
    )
    with LocalOrg(config) as org:
        yield org


def rule(kind: str, figure: str, field: str, replaces: str = "") -> str:
    more = f"&replaces={replaces}" if replaces else ""
    return f"/mapping/{kind}/rule?figure={figure}&field={field}{more}"


def draft(finance: Visitor, figure: str, field: str, kind: str = "account", **data: str) -> None:
    answer = finance.post(rule(kind, figure, field), {"way": "is", **data})
    assert answer.status_code == 303, text_of(finance_page(answer))


def finance_page(answer):
    import lxml.html

    return lxml.html.fromstring(answer.text)


def test_probe(world, browser):
    account = world.account(Owed_Words__c="ask Dana")
    world.invoice(world.customer(account), due_in_days=-3)
    world.settle()
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    draft(finance, "AR_Overdue_Amount__c", "Owed_Words__c", way="text")
    print(text_of(finance.page("/mapping/")))
    page = finance.page("/mapping/preview")
    print(text_of(page))
    [seen] = page.xpath("//input[@name='seen']/@value")
    answer = finance.post("/mapping/save", {"seen": seen, "note": "Why not", "when": "now"})
    print(answer.status_code, answer.location)
    from sync.errands import do_slice

    while do_slice(world.run, lambda: True):
        pass
    world.settle()
    print(text_of(finance.page("/mapping/")))
    print(text_of(finance.page("/mapping/versions")))
    print(world.admin.query(f"SELECT Owed__c, Owed_Words__c FROM Account WHERE Id = '{account}'"))
