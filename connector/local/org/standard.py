"""The standard objects of every org, as data: the fields people use, in the order and terms of a describe result.

Types and lengths are those of a describe result recorded from a real org. Compound fields (addresses), record types
and person accounts are left out: an org need not show them, and asking for them is refused by name.
"""

from decimal import Decimal

from connector.local.org.field_kinds import area, fixed, flag, number, pick, ref, text
from connector.local.org.model import Field

CHILD_NAMES = {
    ("Account", "ParentId"): "ChildAccounts",
    ("Contact", "AccountId"): "Contacts",
    ("Contact", "ReportsToId"): "DirectReports",
    ("Opportunity", "AccountId"): "Opportunities",
    ("Opportunity", "ContactId"): "Opportunities",
    ("Case", "AccountId"): "Cases",
    ("Case", "ContactId"): "Cases",
    ("AccountTeamMember", "AccountId"): "AccountTeamMembers",
    ("Task", "WhatId"): "Tasks",
    ("Task", "WhoId"): "Tasks",
    ("User", "ManagerId"): "ManagedUsers",
    ("User", "UserRoleId"): "Users",
    ("User", "ProfileId"): "Users",
    ("PermissionSetAssignment", "AssigneeId"): "PermissionSetAssignments",
    ("PermissionSetAssignment", "PermissionSetId"): "Assignments",
}

SYSTEM_START = (
    fixed("Id", "Record ID", "id", length=18, required=True, id_lookup=True),
    fixed("IsDeleted", "Deleted", "boolean", required=True, default=False),
)
SYSTEM_END = (
    fixed("CreatedDate", "Created Date", "datetime", required=True),
    ref("CreatedById", "Created By ID", "User", required=True, createable=False, updateable=False),
    fixed("LastModifiedDate", "Last Modified Date", "datetime", required=True),
    ref("LastModifiedById", "Last Modified By ID", "User", required=True, createable=False, updateable=False),
    fixed("SystemModstamp", "System Modstamp", "datetime", required=True),
)
SEEN = (
    fixed("LastViewedDate", "Last Viewed Date", "datetime"),
    fixed("LastReferencedDate", "Last Referenced Date", "datetime"),
)
LAST_ACTIVITY = fixed("LastActivityDate", "Last Activity", "date")
OWNER = ref("OwnerId", "Owner ID", "User", required=True)

_INDUSTRIES = (
    "Agriculture;Banking;Construction;Education;Energy;Finance;Healthcare;Manufacturing;Retail;Technology;Other"
)
_SOURCES = "Web;Phone Inquiry;Partner Referral;Purchased List;Other"


def _address(kind: str, label: str) -> tuple[Field, ...]:
    return (
        area(f"{kind}Street", f"{label} Street", 255),
        text(f"{kind}City", f"{label} City", 40),
        text(f"{kind}State", f"{label} State/Province", 80),
        text(f"{kind}PostalCode", f"{label} Zip/Postal Code", 20),
        text(f"{kind}Country", f"{label} Country", 80),
    )


_ACCOUNT = (
    ref("MasterRecordId", "Master Record ID", "Account", createable=False, updateable=False),
    text("Name", "Account Name", 255, required=True, name_field=True),
    pick("Type", "Account Type", "Prospect;Customer - Direct;Customer - Channel;Channel Partner;Other"),
    ref("ParentId", "Parent Account ID", "Account"),
    *_address("Billing", "Billing"),
    *_address("Shipping", "Shipping"),
    Field("Phone", "Account Phone", "phone", length=40),
    Field("Fax", "Account Fax", "phone", length=40),
    text("AccountNumber", "Account Number", 40),
    Field("Website", "Website", "url", length=255),
    text("Sic", "SIC Code", 20),
    pick("Industry", "Industry", _INDUSTRIES),
    number("AnnualRevenue", "Annual Revenue", "currency", 18, 0),
    number("NumberOfEmployees", "Employees", "int", 8, 0),
    pick("Ownership", "Ownership", "Public;Private;Subsidiary;Other"),
    text("TickerSymbol", "Ticker Symbol", 20),
    area("Description", "Account Description"),
    pick("Rating", "Account Rating", "Hot;Warm;Cold"),
    text("Site", "Account Site", 80),
    OWNER,
    pick("AccountSource", "Account Source", _SOURCES),
    LAST_ACTIVITY,
    *SEEN,
)

_CONTACT = (
    ref("MasterRecordId", "Master Record ID", "Contact", createable=False, updateable=False),
    ref("AccountId", "Account ID", "Account", on_delete="Cascade"),
    text("LastName", "Last Name", 80, required=True),
    text("FirstName", "First Name", 40),
    pick("Salutation", "Salutation", "Mr.;Ms.;Mrs.;Dr.;Prof."),
    text("Name", "Full Name", 121, name_field=True, createable=False, updateable=False),
    *_address("Mailing", "Mailing"),
    Field("Phone", "Business Phone", "phone", length=40),
    Field("MobilePhone", "Mobile Phone", "phone", length=40),
    ref("ReportsToId", "Reports To ID", "Contact"),
    Field("Email", "Email", "email", length=80, id_lookup=True),
    text("Title", "Title", 128),
    text("Department", "Department", 80),
    pick("LeadSource", "Lead Source", _SOURCES),
    Field("Birthdate", "Birthdate", "date"),
    area("Description", "Contact Description"),
    OWNER,
    LAST_ACTIVITY,
    *SEEN,
)

_STAGES = "Prospecting;Qualification;Needs Analysis;Proposal/Price Quote;Negotiation/Review;Closed Won;Closed Lost"
_OPPORTUNITY = (
    ref("AccountId", "Account ID", "Account", on_delete="Cascade"),
    text("Name", "Name", 120, required=True, name_field=True),
    area("Description", "Description"),
    pick("StageName", "Stage", _STAGES, required=True),
    number("Amount", "Amount", "currency", 18, 2),
    number("Probability", "Probability (%)", "percent", 3, 0),
    Field("CloseDate", "Close Date", "date", required=True),
    pick("Type", "Opportunity Type", "Existing Customer - Upgrade;Existing Customer - Downgrade;New Customer"),
    text("NextStep", "Next Step", 255),
    pick("LeadSource", "Lead Source", _SOURCES),
    flag("IsClosed", "Closed", createable=False, updateable=False),
    flag("IsWon", "Won", createable=False, updateable=False),
    ref("ContactId", "Contact ID", "Contact"),
    OWNER,
    LAST_ACTIVITY,
    *SEEN,
)

_CASE = (
    ref("MasterRecordId", "Master Record ID", "Case", createable=False, updateable=False),
    fixed("CaseNumber", "Case Number", "string", length=30, required=True, name_field=True, auto_number="{00000000}"),
    ref("ContactId", "Contact ID", "Contact"),
    ref("AccountId", "Account ID", "Account", on_delete="Restrict"),
    pick("Type", "Case Type", "Billing;Question;Problem;Feature Request"),
    pick("Status", "Status", "New;Working;Escalated;Closed", "New"),
    pick("Reason", "Case Reason", "Billing error;Pricing;Installation;Performance;Feedback;Other"),
    pick("Origin", "Case Origin", "Phone;Email;Web"),
    text("Subject", "Subject", 255),
    pick("Priority", "Priority", "High;Medium;Low", "Medium"),
    area("Description", "Description"),
    flag("IsClosed", "Closed", createable=False, updateable=False),
    fixed("ClosedDate", "Closed Date", "datetime"),
    OWNER,
    *SEEN,
)

_TASK_STATUSES = "Not Started;In Progress;Completed;Waiting on someone else;Deferred"
_TASK = (
    ref("WhoId", "Name ID", "Contact"),
    ref("WhatId", "Related To ID", "Account", "Opportunity", "Case", on_delete="Cascade"),
    text("Subject", "Subject", 255),
    Field("ActivityDate", "Due Date Only", "date"),
    pick("Status", "Status", _TASK_STATUSES, "Not Started", required=True),
    pick("Priority", "Priority", "High;Normal;Low", "Normal", required=True),
    flag("IsHighPriority", "High Priority", createable=False, updateable=False),
    OWNER,
    area("Description", "Description"),
    pick("Type", "Type", "Call;Email;Meeting;Other"),
    ref("AccountId", "Account ID", "Account", createable=False, updateable=False),
    flag("IsClosed", "Closed", createable=False, updateable=False),
    number("CallDurationInSeconds", "Call Duration", "int", 8, 0),
    pick("CallType", "Call Type", "Internal;Inbound;Outbound"),
    text("CallDisposition", "Call Result", 255),
    Field("ReminderDateTime", "Reminder Date/Time", "datetime"),
    flag("IsReminderSet", "Reminder Set"),
    flag("IsArchived", "Archived", createable=False, updateable=False),
    pick("TaskSubtype", "Task Subtype", "Task;Email;Call", "Task"),
    fixed("CompletedDateTime", "Completed Date", "datetime"),
)

_USER = (
    text("Username", "Username", 80, required=True, unique=True, id_lookup=True),
    text("LastName", "Last Name", 80, required=True),
    text("FirstName", "First Name", 40),
    text("Name", "Full Name", 121, name_field=True, createable=False, updateable=False),
    text("CompanyName", "Company Name", 80),
    text("Department", "Department", 80),
    text("Title", "Title", 80),
    Field("Email", "Email", "email", length=128, required=True, id_lookup=True),
    text("Alias", "Alias", 8, required=True),
    Field("Phone", "Phone", "phone", length=40),
    flag("IsActive", "Active", default=True),
    text("TimeZoneSidKey", "Time Zone", 40),
    text("LocaleSidKey", "Locale", 40),
    ref("UserRoleId", "Role ID", "UserRole"),
    ref("ProfileId", "Profile ID", "Profile"),
    pick("UserType", "User Type", "Standard;PowerPartner;Guest", "Standard", createable=False, updateable=False),
    ref("ManagerId", "Manager ID", "User"),
    fixed("LastLoginDate", "Last Login", "datetime"),
)

_ORGANIZATION = (
    text("Name", "Name", 80, required=True, name_field=True, createable=False),
    text("OrganizationType", "Edition", 40, createable=False, updateable=False),
    text("InstanceName", "Instance Name", 5, createable=False, updateable=False),
    flag("IsSandbox", "Is Sandbox", createable=False, updateable=False),
    text("TimeZoneSidKey", "Time Zone", 40, createable=False),
    text("LanguageLocaleKey", "Language", 40, createable=False),
    number("FiscalYearStartMonth", "Fiscal Year Starts In", "int", 2, 0, createable=False, updateable=False),
    text("NamespacePrefix", "Namespace Prefix", 15, createable=False, updateable=False),
)

_CURRENCY_TYPE = (
    text("IsoCode", "Currency ISO Code", 3, required=True, unique=True, updateable=False),
    number("ConversionRate", "Conversion Rate", "double", 18, 6, required=True),
    number("DecimalPlaces", "Decimal Places", "int", 2, 0, required=True, default=Decimal(2)),
    flag("IsActive", "Active", default=True),
    flag("IsCorporate", "Corporate Currency", createable=False, updateable=False),
)

_ACCESS_LEVELS = "None;Read;Edit;All"
_ACCOUNT_TEAM_MEMBER = (
    ref("AccountId", "Account ID", "Account", on_delete="Cascade", required=True, updateable=False),
    ref("UserId", "User ID", "User", required=True, updateable=False),
    pick(
        "TeamMemberRole",
        "Team Role",
        "Account Manager;Channel Manager;Executive Sponsor;Lead Qualifier;Pre-Sales Consultant;Sales Manager;Sales Rep",
    ),
    pick("AccountAccessLevel", "Account Access", _ACCESS_LEVELS, "Read"),
    pick("OpportunityAccessLevel", "Opportunity Access", _ACCESS_LEVELS, "None"),
    pick("CaseAccessLevel", "Case Access", _ACCESS_LEVELS, "None"),
    pick("ContactAccessLevel", "Contact Access", _ACCESS_LEVELS, "None"),
    text("Title", "Title", 80, createable=False, updateable=False),
)

_PERMISSION_SET = (
    text("Name", "Permission Set Name", 80, required=True, name_field=True, updateable=False),
    text("Label", "Permission Set Label", 80, required=True),
    text("Description", "Description", 255),
    flag("IsOwnedByProfile", "Is Owned By Profile", createable=False, updateable=False),
    ref("ProfileId", "Profile ID", "Profile", createable=False, updateable=False),
)

_PERMISSION_SET_ASSIGNMENT = (
    ref("PermissionSetId", "PermissionSet ID", "PermissionSet", on_delete="Cascade", required=True, updateable=False),
    ref("AssigneeId", "Assignee ID", "User", on_delete="Cascade", required=True, updateable=False),
    flag("IsActive", "Active", default=True, createable=False, updateable=False),
)

# name → key prefix, label, plural label, fields between the system ones
STANDARD: dict[str, tuple[str, str, str, tuple[Field, ...]]] = {
    "Account": ("001", "Account", "Accounts", _ACCOUNT),
    "Contact": ("003", "Contact", "Contacts", _CONTACT),
    "AccountTeamMember": ("01M", "Account Team Member", "Account Team Members", _ACCOUNT_TEAM_MEMBER),
    "Opportunity": ("006", "Opportunity", "Opportunities", _OPPORTUNITY),
    "Case": ("500", "Case", "Cases", _CASE),
    "Task": ("00T", "Task", "Tasks", _TASK),
    "User": ("005", "User", "Users", _USER),
    "UserRole": ("00E", "Role", "Roles", (text("Name", "Name", 80, required=True, name_field=True),)),
    "Profile": ("00e", "Profile", "Profiles", (text("Name", "Name", 255, required=True, name_field=True),)),
    "Organization": ("00D", "Organization", "Organizations", _ORGANIZATION),
    "CurrencyType": ("01L", "Currency Type", "Currency Types", _CURRENCY_TYPE),
    "PermissionSet": ("0PS", "Permission Set", "Permission Sets", _PERMISSION_SET),
    "PermissionSetAssignment": (
        "0Pa",
        "Permission Set Assignment",
        "Permission Set Assignments",
        _PERMISSION_SET_ASSIGNMENT,
    ),
}
OPEN_SETUP = {"User", "UserRole", "Profile", "Organization", "CurrencyType"}  # read by all
# not even seen without the user permission "View Setup and Configuration" (object reference, Special Access Rules)
GUARDED_SETUP = {"PermissionSet", "PermissionSetAssignment"}
SETUP_OBJECTS = OPEN_SETUP | GUARDED_SETUP  # written by administrators
UNDELETABLE = SETUP_OBJECTS - {"PermissionSetAssignment"}
WITHOUT_CURRENCY = SETUP_OBJECTS | {"AccountTeamMember"}
MERGEABLE = {"Account", "Contact", "Case"}
