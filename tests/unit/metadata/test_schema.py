"""Every file is what Salesforce's metadata schema allows, in the order in which Salesforce itself writes it."""

import pytest

from tests.unit.metadata import wsdl
from tests.unit.metadata.breaking import Break
from tests.unit.metadata.project import NAMESPACE, Project

INVOICE = "objects/AR_Invoice__c"
BALANCE = f"{INVOICE}/fields/Balance__c.field-meta.xml"

BREAKS = [
    Break("breaches", BALANCE, "<precision>", "<precison>18</precison><precision>", "no element <precison>"),
    Break("breaches", BALANCE, ">Currency<", ">Money<", "<type> is 'Money'"),
    Break("breaches", BALANCE, ">false<", ">no<", "write true or false"),
    Break("breaches", BALANCE, ">18<", ">eighteen<", "write a whole number"),
    Break("breaches", BALANCE, "<label>", "<label>Twice</label><label>", "<label> more than once"),
    Break("breaches", "tabs/AR_Invoice__c.tab-meta.xml", "", f'<Tabb xmlns="{NAMESPACE}"/>', "not a metadata type"),
    Break(
        "breaches", f"{INVOICE}/listViews/Open.listView-meta.xml", "<label>Open</label>", "", "needs an element <label>"
    ),
    Break("breaches", "applications/Receivables.app-meta.xml", ">Standard<", ">Sideways<", "<navType> is 'Sideways'"),
    Break("out_of_order", BALANCE, "<type>Currency</type>", "<type>Currency</type><label>x</label>", "further up"),
]


def test_every_file_follows_the_schema():
    assert list(wsdl.breaches(Project.load())) == []


def test_elements_stand_in_the_order_a_retrieve_writes_them():
    assert list(wsdl.out_of_order(Project.load())) == []


@pytest.mark.parametrize("broken", BREAKS, ids=str)
def test_the_schema_check_bites(broken, tmp_path):
    project = broken.apply(tmp_path)
    found = list(getattr(wsdl, broken.check)(project))
    assert any(broken.says in finding for finding in found), found


def test_a_file_without_the_namespace_is_refused(tmp_path):
    broken = Break("load", "tabs/AR_Invoice__c.tab-meta.xml", "", "<CustomTab/>", "")
    with pytest.raises(ValueError, match="is not in the namespace"):
        broken.apply(tmp_path)
