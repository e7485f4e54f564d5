"""The org and the core use the same words: what one writes, the other's restricted picklists and formulas know."""

import re

from sync.core import projection
from sync.core.aging import Bucket
from sync.core.commitments import CommitmentStatus
from sync.core.holds import HoldState
from tests.unit.metadata.project import Project, text, texts


def _values(sobject: str, name: str) -> set[str]:
    node = Project.load().objects[sobject].find(name)
    assert node is not None
    return set(texts(node, "valueSet/valueSetDefinition/value/fullName"))


def test_the_bucket_formula_has_the_buckets_of_the_core():
    formula = text(Project.load().objects["AR_Invoice__c"].find("Bucket__c"), "formula")
    assert set(re.findall(r'"([^"]+)"', formula)) == set(Bucket)


def test_the_status_of_an_account_is_clear_current_or_an_overdue_bucket():
    late = {f"Overdue {bucket}" for bucket in Bucket if bucket is not Bucket.NOT_DUE}
    assert _values("Account", "AR_Status__c") == {"Clear", "Current", *late}


def test_every_status_that_is_written_is_a_value():
    assert set(projection._INVOICE_STATUS.values()) == _values("AR_Invoice__c", "Status__c")
    assert set(projection._PAYMENT_STATUS.values()) == _values("AR_Payment__c", "Status__c")


def test_what_becomes_of_commitments_and_holds_has_the_words_of_the_core():
    assert _values("AR_Commitment__c", "Status__c") == set(CommitmentStatus)
    assert _values("AR_Commitment__c", "Hold_State__c") == set(HoldState)
    assert _values("AR_Dispute__c", "Hold_State__c") == set(HoldState)
