"""The metadata is enforced, and what cannot be is refused by file and element."""

from pathlib import Path

import pytest

from connector.local.org.access import administrator, integration, read_permission_sets
from connector.local.org.formulas import check_formulas
from connector.local.org.ids import checksum, make_id, to_18
from connector.local.org.metadata import MetadataError
from connector.local.org.schema import load_schema

from .conftest import METADATA

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
OBJECT = (
    "<label>Thing</label><pluralLabel>Things</pluralLabel><nameField><label>Thing</label><type>Text</type></nameField>"
)


def project(folder: Path, **files: str) -> Path:
    """A small SFDX project; `fields/F__c` and so on are written as `Object.F__c`."""
    put(folder, "objects/Thing__c/Thing__c.object-meta.xml", "CustomObject", OBJECT)
    for name, inner in files.items():
        put(folder, f"objects/Thing__c/fields/{name}.field-meta.xml", "CustomField", inner)
    return folder


def put(folder: Path, path: str, root: str, inner: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"<{root} {NAMESPACE}>{inner}</{root}>")


def test_fields_are_read_as_they_are_meant(tmp_path):
    picklist = (
        "<label>State</label><type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition>"
        "<value><fullName>A</fullName><default>true</default></value><value><fullName>B</fullName></value>"
        "<value><fullName>Old</fullName><isActive>false</isActive></value></valueSetDefinition></valueSet>"
    )
    lookup = (
        "<label>Account</label><type>Lookup</type><referenceTo>Account</referenceTo>"
        "<relationshipName>Things</relationshipName><deleteConstraint>Restrict</deleteConstraint>"
    )
    schema = load_schema(
        project(
            tmp_path,
            State__c=picklist,
            Account__c=lookup,
            Rate__c="<label>Rate</label><type>Percent</type><precision>5</precision><scale>2</scale>",
            Twice__c="<label>T</label><type>Number</type><formula>Rate__c * 2</formula><precision>18</precision>",
        )
    ).schema
    thing = schema.objects["thing__c"]
    state, account = thing.get("state__C"), thing.get("Account__c")
    assert state.picklist.values == ("A", "B")
    assert (state.picklist.restricted, state.default) == (True, "A")
    assert (account.relationship_name, account.delete_constraint) == ("Account__r", "Restrict")
    assert ("Thing__c", "Things__r") in {(c.sobject, c.relationship_name) for c in schema.objects["account"].children}
    assert thing.get("Twice__c").createable is False
    assert thing.get("CurrencyIsoCode") is None
    assert schema.get("CurrencyType") is None


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<label>X</label><type>Hologram</type>", "Hologram"),
        ("<label>X</label><type>MasterDetail</type>", "MasterDetail"),
        ("<label>X</label><type>Text</type><sparkle>1</sparkle>", "<sparkle>"),
        ("<label>X</label><type>Text</type><length>many</length>", "<length>"),
        ("<label>X</label><type>Lookup</type>", "referenceTo"),
        ("<label>X</label><type>Lookup</type><referenceTo>Nope__c</referenceTo>", "Nope__c"),
        (
            "<label>X</label><type>Picklist</type><valueSet><valueSetName>G</valueSetName></valueSet>",
            "valueSetDefinition",
        ),
        ("<fullName>Other__c</fullName><type>Text</type>", "fullName"),
        ("<label>X</label", "not well-formed"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, inner, words):
    with pytest.raises(MetadataError, match="X__c") as raised:
        load_schema(project(tmp_path, X__c=inner))
    assert words in str(raised.value)


def test_folders_that_change_the_data_are_refused(tmp_path):
    (project(tmp_path) / "objects/Thing__c/recordTypes").mkdir()
    with pytest.raises(MetadataError, match="recordTypes"):
        load_schema(tmp_path)


def test_an_empty_folder_is_no_project(tmp_path):
    with pytest.raises(MetadataError, match="objects/"):
        load_schema(tmp_path)


def test_key_prefixes_stay_when_objects_are_added():
    first = load_schema(METADATA).schema
    again = load_schema(METADATA, prefixes={"AR_Summary__c": "a00"}).schema
    assert first.objects["ar_activity__c"].key_prefix == "a00"
    assert again.objects["ar_summary__c"].key_prefix == "a00"
    prefixes = [item.key_prefix for item in again.objects.values()]
    assert len(prefixes) == len(set(prefixes))


def test_permission_sets(tmp_path):
    text = "<label>{0}</label><type>Text</type>"
    project(tmp_path, Seen__c=text.format("S"), Written__c=text.format("W"), Hidden__c=text.format("H"))
    put(
        tmp_path,
        "permissionsets/P.permissionset-meta.xml",
        "PermissionSet",
        "<label>P</label><objectPermissions><object>Thing__c</object><allowRead>true</allowRead>"
        "<allowEdit>true</allowEdit><allowCreate>false</allowCreate></objectPermissions>"
        "<fieldPermissions><field>Thing__c.Seen__c</field><readable>true</readable></fieldPermissions>"
        "<fieldPermissions><field>Thing__c.Written__c</field><readable>true</readable><editable>true</editable>"
        "</fieldPermissions>",
    )
    schema = load_schema(tmp_path).schema
    granted = read_permission_sets(tmp_path, schema)["P"]
    access = integration(schema, [granted], frozenset())
    thing = access.schema.objects["thing__c"]
    assert thing.get("Hidden__c") is None
    assert (thing.get("Seen__c").updateable, thing.get("Written__c").updateable) == (False, True)
    assert thing.get("Written__c").createable is False  # the object cannot be created
    assert access.schema.get("Account").get("Website").updateable is False
    assert administrator(schema).schema.get("Thing__c").get("Hidden__c").updateable is True
    assert integration(schema, [], frozenset()).schema.get("Thing__c") is None
    revoked = integration(schema, [granted], frozenset({"thing__c.seen__c"}))
    assert revoked.schema.objects["thing__c"].get("Seen__c") is None


@pytest.mark.parametrize(
    "inner",
    [
        "<fieldPermissions><field>Thing__c.Nope__c</field></fieldPermissions>",
        "<fieldPermissions><field>Thing__c.Must__c</field></fieldPermissions>",
        "<objectPermissions><object>Nope__c</object></objectPermissions>",
        "<glitter>1</glitter>",
    ],
)
def test_permission_sets_that_a_real_org_would_refuse(tmp_path, inner):
    project(tmp_path, Must__c="<label>M</label><type>Text</type><required>true</required>")
    put(tmp_path, "permissionsets/P.permissionset-meta.xml", "PermissionSet", f"<label>P</label>{inner}")
    with pytest.raises(MetadataError, match="permissionset"):
        read_permission_sets(tmp_path, load_schema(tmp_path).schema)


@pytest.mark.parametrize(
    "real", ["0015500001QdZPKAA3", "0035500001H9kZuAAJ", "0035500001H9ka0AAB", "0065500000KQ12XAAT"]
)
def test_ids_have_the_real_checksum(real):
    assert checksum(real[:15]) == real[15:]
    assert to_18(real[:15]) == to_18(real) == real


def test_ids_are_ordered_and_checked():
    made = [make_id("a00", number) for number in (1, 9, 10, 61, 62, 4_000)]
    assert made == sorted(made)
    assert all(to_18(one) == one for one in made)
    assert to_18(made[0][:17] + "X") is None
    assert to_18("short") is None


@pytest.mark.parametrize(("formula", "words"), [("Nope__c + 1", "reads Nope__c"), ("VLOOKUP(1)", "VLOOKUP")])
def test_formulas_are_checked_when_the_org_starts(tmp_path, formula, words):
    inner = f"<label>F</label><type>Number</type><formula>{formula}</formula>"
    loaded = load_schema(project(tmp_path, F__c=inner))
    with pytest.raises(MetadataError, match=r"Thing__c\.F__c") as raised:
        check_formulas(loaded.schema, loaded.rules)
    assert words in str(raised.value)
