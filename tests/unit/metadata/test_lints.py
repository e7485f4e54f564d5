"""The project has none of the faults that only an org, or a user, would find; and each lint finds its fault."""

import json

import pytest

from tests.unit.metadata.breaking import Break
from tests.unit.metadata.lints import LINTS, lint
from tests.unit.metadata.page_breaks import PAGE_BREAKS
from tests.unit.metadata.project import NAMESPACE, ROOT, Project

INVOICE = "objects/AR_Invoice__c"
FIELDS = f"{INVOICE}/fields"
KEY = f"{FIELDS}/Key__c.field-meta.xml"
ACCOUNT = f"{FIELDS}/Account__c.field-meta.xml"
STATUS = f"{FIELDS}/Status__c.field-meta.xml"
BUCKET = f"{FIELDS}/Bucket__c.field-meta.xml"
BALANCE = f"{FIELDS}/Balance__c.field-meta.xml"
ON_HOLD = f"{FIELDS}/On_Hold__c.field-meta.xml"
PAY_URL = f"{FIELDS}/Pay_URL__c.field-meta.xml"
DEFINITION = f"{INVOICE}/AR_Invoice__c.object-meta.xml"
OVERDUE = f"{INVOICE}/listViews/Overdue.listView-meta.xml"
OPEN = f"{INVOICE}/listViews/Open.listView-meta.xml"
REFUNDS = "objects/AR_Payment__c/listViews/Refunds.listView-meta.xml"
COMPACT = f"{INVOICE}/compactLayouts/AR_Invoice_Compact.compactLayout-meta.xml"
RULE = f"{INVOICE}/validationRules/Key_Never_Changes.validationRule-meta.xml"
LAYOUT = "layouts/AR_Invoice__c-AR Invoice Layout.layout-meta.xml"
TAB = "tabs/AR_Invoice__c.tab-meta.xml"
APP = "applications/Receivables.app-meta.xml"
INTEGRATION = "permissionsets/Dueline_Integration.permissionset-meta.xml"
USER = "permissionsets/Dueline_User.permissionset-meta.xml"
ECA = "/external-client-app/main/default/externalClientApps/Dueline.eca-meta.xml"
POLICY = "/external-client-app/main/default/extlClntAppOauthPolicies/Dueline_oauthPlcy.ecaOauthPlcy-meta.xml"
OAUTH = "/external-client-app/main/default/extlClntAppOauthSettings/Dueline_oauth.ecaOauth-meta.xml"

NEW_FIELD = f'<CustomField xmlns="{NAMESPACE}"><fullName>New__c</fullName><type>Date</type></CustomField>'


def _grant(field: str, *, editable: str = "true") -> str:
    return (
        f"<fieldPermissions><editable>{editable}</editable><field>{field}</field><readable>true</readable>"
        "</fieldPermissions><hasActivationRequired>"
    )


BREAKS = [
    Break("file_names", BALANCE, ">Balance__c<", ">Balanse__c<", "fullName is Balanse__c"),
    Break("lengths", BALANCE, "<label>Balance", f"<label>{'Balance' * 6}", "40 fit"),
    Break("lengths", BALANCE, "<inlineHelpText>", f"<inlineHelpText>{'x' * 511}", "510 fit"),
    Break("lengths", RULE, "<errorMessage>", f"<errorMessage>{'x' * 256}", "255 fit"),
    Break("lengths", STATUS, "<fullName>Paid", f"<fullName>{'x' * 256}", "a picklist value holds 255"),
    Break("lengths", f"{FIELDS}/{'N' * 41}__c.field-meta.xml", "", NEW_FIELD, "an API name holds 40"),
    Break("api_names", f"{FIELDS}/Is__Wrong__c.field-meta.xml", "", NEW_FIELD, "Is__Wrong__c is not an API name"),
    Break("help_texts", f"{FIELDS}/New__c.field-meta.xml", "", NEW_FIELD, "no <inlineHelpText>"),
    Break("types", KEY, "<length>255", "<length>256", "a length from 1 to 255"),
    Break("types", BALANCE, "<scale>2", "<scale>19", "a precision up to 18"),
    Break("types", PAY_URL, "<length>2000", "<length>255", "a length from 256"),
    Break("types", ON_HOLD, "<defaultValue>false</defaultValue>", "", "needs a <defaultValue>"),
    Break("types", ON_HOLD, "<type>", "<required>true</required><type>", "cannot be required"),
    Break("types", BALANCE, "<label>", "<externalId>true</externalId><label>", "neither external id nor unique"),
    Break("types", ACCOUNT, ">Lookup<", ">MasterDetail<", "would lock the account"),
    Break("types", BUCKET, "BlankAsBlank", "BlankAsZero", "blanks as blanks"),
    Break("types", BUCKET, "<required>false", "<required>true", "can be neither"),
    Break("types", BUCKET, "<type>Text", "<type>LongTextArea", "which formulas cannot have"),
    Break("keys", KEY, "<unique>true", "<unique>false", "Key__c must be Text"),
    Break("keys", KEY, "<externalId>true", "<externalId>false", "Key__c must be Text"),
    Break("lookups", ACCOUNT, "<required>false", "<required>true", "cannot set it to null"),
    Break("lookups", ACCOUNT, ">SetNull<", ">Restrict<", "must be SetNull"),
    Break("lookups", ACCOUNT, "<referenceTo>Account", "<referenceTo>Acount", "points to Acount"),
    Break("lookups", ACCOUNT, "<relationshipName>AR_", "<relationshipName>1", "an API name"),
    Break("relationship_names", ACCOUNT, "<relationshipName>AR_Invoices", "<relationshipName>ar_payments", "has that"),
    Break("picklists", STATUS, "<restricted>true", "<restricted>false", "is not restricted"),
    Break("picklists", STATUS, "<fullName>Paid", "<fullName>Open", "each once"),
    Break("formulas", BUCKET, "Balance__c", "Balanse__c", "no field Balanse__c"),
    Break("formulas", BUCKET, "ISBLANK(", "ISEMPTY(", "ISEMPTY() is not a function"),
    Break("formulas", BUCKET, "IF(OR(", "IF(OR((", "parentheses"),
    Break("formulas", BUCKET, "Balance__c", "LEN(Bucket__c)", "comes back to itself"),
    Break("formulas", RULE, "Key__c)", "Kee__c)", "no field Kee__c"),
    Break("allocations", BALANCE, "<label>", "<trackHistory>true</trackHistory><label>", "does not enableHistory"),
    Break("list_views", OVERDUE, "<columns>Balance__c", "<columns>Balanse__c", "no column Balanse__c"),
    Break("list_views", OVERDUE, "<columns>Balance__c", "<columns>Pay_URL__c", "a list cannot show"),
    Break("list_views", OVERDUE, "<columns>Balance__c", "<columns>Due_On__c", "each once"),
    Break("list_views", OVERDUE, "<field>Overdue__c", "<field>Late__c", "cannot filter by Late__c"),
    Break("list_views", OVERDUE, "<value>1", "<value>True", "compares with 0 or 1"),
    Break("list_views", OPEN, "<value>Open", "<value>Opened", "has no value Opened"),
    Break("list_views", REFUNDS, "1 OR 2", "1 OR 3", "booleanFilter"),
    Break("compact_layouts", COMPACT, "<fields>Balance__c", "<fields>Balanse__c", "cannot show Balanse__c"),
    Break("compact_layouts", COMPACT, "<fields>Balance__c", "<fields>Due_On__c", "each once"),
    Break("compact_layouts", DEFINITION, "AR_Invoice_Compact", "Other", "which does not exist"),
    Break("search_layouts", DEFINITION, "Fields>Balance__c", "Fields>Balanse__c", "Balanse__c, which does not exist"),
    Break("layouts", LAYOUT, "<field>Balance__c", "<field>Balanse__c", "no field Balanse__c"),
    Break("layouts", LAYOUT, "<field>Balance__c", "<field>Due_On__c", "Balance__c is not shown"),
    Break("layouts", LAYOUT, "<field>Balance__c", "<field>Due_On__c", "Due_On__c stands there 2 times"),
    Break("layouts", LAYOUT, "<behavior>Required", "<behavior>Edit", "Name is Edit, and must be Required"),
    Break("layouts", LAYOUT, "Readonly", "Edit", "Number__c is Edit, and must be Readonly"),
    Break("layouts", LAYOUT, "AR_Payment__c.Invoice__c", "AR_Payment__c.Account__c", "not a list of children"),
    Break("layouts", LAYOUT, "<fields>Kept_Amount__c", "<fields>Kept__c", "no column Kept__c"),
    Break("layouts", LAYOUT, "", None, "AR_Invoice__c has no page layout"),
    Break("tabs", TAB, "", None, "AR_Invoice__c has no tab"),
    Break("tabs", TAB, "<motif>", "<label>Invoices</label><motif>", "remove <label>"),
    Break("tabs", "tabs/AR_Late__c.tab-meta.xml", "", f'<CustomTab xmlns="{NAMESPACE}"/>', "no object AR_Late__c"),
    Break("apps", APP, "<tabs>AR_Invoice__c", "<tabs>AR_Late__c", "no tab AR_Late__c"),
    Break("apps", APP, "<tabs>AR_Invoice__c", "<tabs>AR_Payment__c", "2 times"),
    Break("field_permissions", USER, "<hasActivationRequired>", _grant("AR_Invoice__c.Key__c"), "is required"),
    Break("field_permissions", USER, "<hasActivationRequired>", _grant("AR_Invoice__c.Bucket__c"), "is a formula"),
    Break("field_permissions", USER, "<hasActivationRequired>", _grant("AR_Invoice__c.No__c"), "No__c does not exist"),
    Break("field_permissions", USER, "<hasActivationRequired>", _grant("Account.Type"), "is only read"),
    Break("field_permissions", USER, "<field>AR_Invoice__c.Paid__c", "<field>AR_Invoice__c.Tax__c", "there twice"),
    Break("object_permissions", USER, "<object>AR_Summary__c", "<object>AR_Late__c", "no object AR_Late__c"),
    Break("object_permissions", USER, "<object>AR_Summary__c", "<object>Account", "AR_Summary__c is not"),
    Break("object_permissions", USER, "<allowRead>true", "<allowRead>false", "needs allowRead"),
    Break("coverage", f"{FIELDS}/New__c.field-meta.xml", "", NEW_FIELD, "AR_Invoice__c.New__c is not granted"),
    Break("coverage", USER, "", None, "there is no Dueline_User"),
    Break("ownership", INTEGRATION, "<editable>false", "<editable>true", "must not be editable"),
    Break("ownership", INTEGRATION, "<editable>true", "<editable>false", "must be editable"),
    Break("grants_exist", USER, "<tab>AR_Invoice__c", "<tab>AR_Late__c", "no tab AR_Late__c"),
    Break("grants_exist", USER, "<application>Receivables", "<application>Other", "no app Other"),
    Break("grants_exist", INTEGRATION, "<name>EditTask", "<name>ViewAllData", "nothing here needs ViewAllData"),
    Break("grants_exist", USER, "<label>", "<license>Salesforce</license><label>", "cannot grant standard objects"),
    Break("external_client_app", POLICY, ">Dueline<", ">Other<", "no external client app Other"),
    Break("external_client_app", POLICY, ">Dueline_Integration<", ">Nobody<", "no permission set Nobody"),
    Break("external_client_app", OAUTH, "<label>", "<oauthLink>x</oauthLink><label>", "is not committed"),
    Break("placeholders", ECA, "__DUELINE_CONTACT_EMAIL__", "__OTHER__", "does not replace __OTHER__"),
    Break("placeholders", ECA, "__DUELINE_CONTACT_EMAIL__", "a@example.com", "is not in external-client-app"),
    *PAGE_BREAKS,
]


def test_the_project_is_clean():
    assert list(lint(Project.load())) == []


@pytest.mark.parametrize("broken", BREAKS, ids=str)
def test_a_lint_bites(broken, tmp_path):
    found = list(LINTS[broken.check](broken.apply(tmp_path)))
    assert any(broken.says in finding for finding in found), found


def test_every_lint_is_shown_to_bite():
    assert {broken.check for broken in BREAKS} == set(LINTS)


def test_the_project_is_fit_for_an_unlocked_package():
    settings = json.loads((ROOT / "sfdx-project.json").read_text(encoding="utf-8"))
    packaged = [item for item in settings["packageDirectories"] if "package" in item]
    assert settings["sourceApiVersion"] == "66.0"
    assert settings["namespace"] == ""
    assert [item["path"] for item in packaged] == ["force-app"]
    assert packaged[0]["versionNumber"].endswith(".NEXT")
    assert (ROOT / packaged[0]["definitionFile"]).is_file()
