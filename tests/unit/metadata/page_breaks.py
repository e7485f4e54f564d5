"""What can go wrong in pages, components, actions, reports and dashboards, one edit each: see breaking.py."""

from tests.unit.metadata.breaking import Break
from tests.unit.metadata.project import NAMESPACE

PAGE = "flexipages/AR_Account_Record_Page.flexipage-meta.xml"
APP_PAGE = "flexipages/AR_My_Receivables.flexipage-meta.xml"
UTILITY = "flexipages/AR_Utility_Bar.flexipage-meta.xml"
APP = "applications/Receivables.app-meta.xml"
PAGE_TAB = "tabs/AR_My_Receivables.tab-meta.xml"
INVOICE = "objects/AR_Invoice__c/AR_Invoice__c.object-meta.xml"
LAYOUT = "layouts/AR_Invoice__c-AR Invoice Layout.layout-meta.xml"
OPPORTUNITIES = "objects/Opportunity/listViews/AR_Open_On_Overdue_Accounts.listView-meta.xml"
WARNING = "objects/Opportunity/fields/AR_Warning__c.field-meta.xml"
CALL = "quickActions/Account.AR_Log_Call.quickAction-meta.xml"
COMMIT = "quickActions/AR_Invoice__c.AR_New_Commitment.quickAction-meta.xml"
PHONE_CALL = "quickActions/Account.AR_New_Call.quickAction-meta.xml"
PAID = "notificationtypes/AR_Invoice_Paid.notiftype-meta.xml"
CHANNEL = "messageChannels/AR_Bucket.messageChannel-meta.xml"
RECORD = "lwc/arRecord/arRecord.js"
RECORD_META = "lwc/arRecord/arRecord.js-meta.xml"
PANEL_META = "lwc/arPanel/arPanel.js-meta.xml"
NEW_BUNDLE = "lwc/arNew/arNew.js-meta.xml"
LABELS = "labels/New.labels-meta.xml"
INVOICES = "reportTypes/Accounts_with_AR_Invoices.reportType-meta.xml"
AGING = "reports/Dueline_Receivables/Aging_By_Owner.report-meta.xml"
DISPUTES = "reports/Dueline_Receivables/Disputes_By_Age.report-meta.xml"
PIPELINE = "reports/Dueline_Receivables/Open_Pipeline_On_Overdue_Accounts.report-meta.xml"
REPORTS = "reports/Dueline_Receivables.reportFolder-meta.xml"
DASHBOARD = "dashboards/Dueline_Receivables/Receivables.dashboard-meta.xml"
DASHBOARDS = "dashboards/Dueline_Receivables.dashboardFolder-meta.xml"

SUMMARIES = "Account.AR_Summaries__r"


def _bundle(inner: str) -> str:
    root = "LightningComponentBundle"
    return f'<{root} xmlns="{NAMESPACE}"><apiVersion>66.0</apiVersion>{inner}</{root}>'


def _label(name: str, value: str = "Text", title: str = "Title", language: str = "en_US") -> str:
    return (
        f'<CustomLabels xmlns="{NAMESPACE}"><labels><fullName>{name}</fullName><language>{language}</language>'
        f"<protected>false</protected><shortDescription>{title}</shortDescription><value>{value}</value></labels>"
        "</CustomLabels>"
    )


_EXPOSED = (
    "<isExposed>true</isExposed><masterLabel>New</masterLabel><targets><target>{0}</target></targets>"
    '<targetConfigs><targetConfig targets="{0}">{1}</targetConfig></targetConfigs>'
)
_RECORD_PAGE = "lightning__RecordPage"

PAGES = [
    Break("pages", PAGE, "recordHomeTemplateDesktop", "recordHomeFancyTemplate", "no template known"),
    Break("pages", PAGE, "recordHomeTemplateDesktop", "defaultAppHomeTemplate", "for pages of type AppPage"),
    Break("pages", PAGE, "<name>sidebar", "<name>side", "missing, or too many"),
    Break("pages", PAGE, "<sobjectType>Account", "<sobjectType>Acount", "sobjectType is Acount"),
    Break("pages", APP_PAGE, "<template>", "<sobjectType>Account</sobjectType><template>", "others none"),
    Break("pages", PAGE, "<value>invoicesTabContent", "<value>invoices", "never named"),
    Break("pages", PAGE, "<value>timelineTabContent", "<value>invoicesTabContent", "is shown in 2 places"),
    Break("pages", PAGE, "<name>timelineTabContent", "<name>invoicesTabContent", "stands there 2 times"),
    Break("pages", PAGE, "<identifier>c_arWarning</identifier>", "", "has no <identifier>"),
    Break("pages", PAGE, "<identifier>c_arWarning", "<identifier>c_arPanel", "identifier c_arPanel stands there 2"),
    Break("placed", PAGE, "<componentName>arPanel", "<componentName>arPanle", "no component arPanle"),
    Break("placed", PAGE, "<componentName>arPanel", "<componentName>arRecord", "arRecord is not exposed"),
    Break("placed", PAGE, "<name>collapsed", "<name>colapsed", "no property colapsed"),
    Break("placed", PANEL_META, "<object>Account<", "<object>Contract<", "arPanel is not for records of Account"),
    Break("placed", PANEL_META, 'type="Small"', 'type="Large"', "does not support the form factor Small"),
    Break("placed", UTILITY, "<name>eager", "<name>lazy", "arWorklist has no property lazy"),
    Break("page_actions", PAGE, "Account.AR_Log_Call", "Account.AR_Call", "Account.AR_Call is no action"),
    Break("page_actions", PAGE, "Account.AR_Log_Call", "Case.AR_Log_Call", "Case.AR_Log_Call is no action"),
    Break("page_actions", PAGE, "<operator>EQUAL", "<operator>EQUALS", "EQUALS is no operator"),
    Break("page_actions", PAGE, "<rightValue>Large", "<rightValue>Huge", "only conditions on the form factor"),
    Break("assignments", APP, "<content>AR_Case_Record_Page", "<content>AR_Kase_Record_Page", "no record page of Case"),
    Break("assignments", APP, "<formFactor>Small", "<formFactor>Large", "nothing assigns this page"),
    Break("assignments", APP, "<utilityBar>AR_", "<utilityBar>No_", "there is no utility bar No_Utility_Bar"),
    Break(
        "assignments", INVOICE, "AR_Invoice_Record_Page", "AR_Payment_Record_Page", "no record page of AR_Invoice__c"
    ),
    Break("assignments", INVOICE, "<type>Flexipage", "<type>Visualforce", "only Lightning pages override"),
    Break("tabs", PAGE_TAB, "<flexiPage>AR_My", "<flexiPage>AR_Our", "no app page AR_Our_Receivables"),
    Break("tabs", PAGE_TAB, "<label>My Receivables</label>", "", "needs a <label>"),
    Break("list_views", OPPORTUNITIES, ">OPPORTUNITY.AMOUNT", ">Amount", "Opportunity has no column Amount"),
    Break("list_views", OPPORTUNITIES, "<value>0", "<value>false", "compares with 0 or 1"),
    Break("formulas", WARNING, "Account.AR_On_Hold__c", "Account.AR_Hold__c", "no field Account.AR_Hold__c"),
    Break("formulas", WARNING, "Account.AR_On_Hold__c", "Acount.AR_On_Hold__c", "no field Acount.AR_On_Hold__c"),
]

COMPONENTS = [
    Break("bundle_files", NEW_BUNDLE, "", _bundle("<isExposed>false</isExposed>"), "there is no arNew.js"),
    Break("bundle_files", RECORD_META, ">66.0<", ">60.0<", "apiVersion is not the project's 66.0"),
    Break("bundle_files", "lwc/arNew/arOld.js-meta.xml", "", _bundle(""), "the file is called arOld"),
    Break("bundle_files", "lwc/ar_New/ar_New.js-meta.xml", "", _bundle(""), "is not the name of a bundle"),
    Break("bundle_files", RECORD_META, "<isExposed>false", "<isExposed>true", "isExposed and <targets> go together"),
    Break("bundle_files", NEW_BUNDLE, "", _bundle(_EXPOSED.format("lightning__Moon", "")), "is no target known here"),
    Break(
        "bundle_files",
        NEW_BUNDLE,
        "",
        _bundle(_EXPOSED.format(_RECORD_PAGE, "<objects><object>Acount</object></objects>")),
        "there is no object Acount",
    ),
    Break(
        "bundle_files",
        NEW_BUNDLE,
        "",
        _bundle(_EXPOSED.format(_RECORD_PAGE, '<property name="size" type="Colour"/>')),
        "of type Colour",
    ),
    Break(
        "bundle_files",
        NEW_BUNDLE,
        "",
        _bundle(_EXPOSED.format(_RECORD_PAGE, '<property name="size" type="Integer" label="Size"/>')),
        "the property size is no @api property",
    ),
    Break("imports", RECORD, "import", "import { x } from 'c/arNowhere';\nimport", "c/arNowhere does not exist"),
    Break("imports", RECORD, "import", "import X from '@salesforce/label/c.AR_No';\nimport", "c.AR_No does not exist"),
    Break(
        "imports",
        RECORD,
        "import",
        "import X from '@salesforce/schema/AR_Invoice__c.Balanse__c';\nimport",
        "Balanse__c does not exist",
    ),
    Break(
        "imports",
        RECORD,
        "import",
        "import X from '@salesforce/schema/AR_Invoice__c.Account__r.Nmae';\nimport",
        "Nmae does not exist",
    ),
    Break("imports", RECORD, "import", "import X from '@salesforce/messageChannel/AR_No__c';\nimport", "AR_No__c does"),
    Break("imports", RECORD, "import", "import X from '@salesforce/apex/Klass.go';\nimport", "Klass.go does not exist"),
    Break(
        "imports", "lwc/arRecord/arRecord.html", "", "<template><c-ar-moon></c-ar-moon></template>", "component arMoon"
    ),
    Break("labels", LABELS, "", _label("AR_Nobody_Reads"), "nothing shows the label AR_Nobody_Reads"),
    Break("labels", LABELS, "", _label("AR_Error_Gone"), "AR_Error_Gone stands there 2 times"),
    Break("labels", LABELS, "", _label("AR__Wrong"), "AR__Wrong is not an API name"),
    Break("labels", LABELS, "", _label("AR_Long", value="x" * 1001), "between 1 and 1000"),
    Break("labels", LABELS, "", _label("AR_Long", title="x" * 81), "between 1 and 80"),
    Break("labels", LABELS, "", _label("AR_Long", language="de"), "is written in en_US"),
    Break("message_channels", CHANNEL, "<fieldName>currency", "<fieldName>bucket", "stands there twice"),
    Break("message_channels", CHANNEL, "<isExposed>false", "<isExposed>true", "let other packages speak"),
    Break(
        "message_channels",
        "messageChannels/AR_Silent.messageChannel-meta.xml",
        "",
        f'<LightningMessageChannel xmlns="{NAMESPACE}"/>',
        "nothing speaks on the channel AR_Silent",
    ),
]

ACTIONS = [
    Break("quick_actions", CALL, ">arCallAction<", ">arCalAction<", "no component arCalAction"),
    Break("quick_actions", CALL, ">arCallAction<", ">arRecord<", "arRecord is not exposed"),
    Break("quick_actions", CALL, ">ScreenAction<", ">Action<", "arCallAction is a ScreenAction"),
    Break("quick_actions", CALL, "<label>Log a Call", f"<label>{'x' * 81}", "between 1 and 80"),
    Break("quick_actions", CALL, "<type>LightningWebComponent", "<type>Flow", "type Flow are not known"),
    Break("quick_actions", PAGE, "Account.AR_Log_Call", "Edit", "no page and no layout offers"),
    Break(
        "quick_actions",
        "quickActions/Acount.X.quickAction-meta.xml",
        "",
        f'<QuickAction xmlns="{NAMESPACE}"/>',
        "Acount",
    ),
    Break("quick_actions", COMMIT, "<targetObject>AR_Commitment__c", "<targetObject>AR_No__c", "no object AR_No__c"),
    Break(
        "quick_actions", COMMIT, "<targetParentField>Invoice__c", "<targetParentField>Account__c", "does not lead from"
    ),
    Break(
        "quick_actions", COMMIT, "<field>Promised_On__c", "<field>Status__c", "no field Status__c that people fill in"
    ),
    Break("quick_actions", COMMIT, "AR_Invoice__c.Balance__c", "AR_Invoice__c.Balanse__c", "Balanse__c is no field"),
    Break("quick_actions", PHONE_CALL, "<literalValue>Call", "<literalValue>Chat", "Kind__c has no value Chat"),
    Break("layout_actions", LAYOUT, "AR_Invoice__c.AR_Log_Call", "AR_Invoice__c.AR_Call", "is no QuickAction of"),
    Break("layout_actions", LAYOUT, "<actionName>Edit", "<actionName>Shred", "Shred is no StandardButton"),
    Break("layout_actions", LAYOUT, "<sortOrder>1<", "<sortOrder>3<", "counts from 0"),
    Break("notifications", PAID, "AR_Invoice_Paid<", "AR_Paid<", "customNotifTypeName is not AR_Invoice_Paid"),
    Break("notifications", PAID, "", f'<CustomNotificationType xmlns="{NAMESPACE}"/>', "nobody would see it"),
]

REPORTS_AND_DASHBOARDS = [
    Break("report_types", INVOICES, "<baseObject>Account", "<baseObject>Acount", "no object Acount"),
    Break(
        "report_types", INVOICES, "<relationship>AR_Invoices__r", "<relationship>AR_Bills__r", "no rows called AR_Bills"
    ),
    Break(
        "report_types", INVOICES, "<field>Balance__c", "<field>Balanse__c", "no Balanse__c in Account.AR_Invoices__r"
    ),
    Break("report_types", INVOICES, "<field>Balance__c", "<field>Due_On__c", "Due_On__c stands there 2 times"),
    Break("report_types", INVOICES, "<label>Accounts", f"<label>{'Accounts ' * 6}", "between 1 and 50"),
    Break("reports", AGING, "<reportType>Accounts_with", "<reportType>Acounts_with", "no report type Acounts_with"),
    Break("reports", AGING, f"{SUMMARIES}$Not_Due__c", f"{SUMMARIES}$Due__c", f"no column {SUMMARIES}$Due__c"),
    Break("reports", AGING, "<name>Aging by Owner", f"<name>{'x' * 41}", "between 1 and 40"),
    Break("reports", AGING, "<format>Summary", "<format>Tabular", "has 0 to 0 groupings"),
    Break("reports", AGING, "<format>Summary", "<format>Matrix", "groupings across are for a Matrix"),
    Break("reports", AGING, "<field>Account$Name", "<field>Account$Owner", "is a grouping and a column"),
    Break("reports", AGING, "<groupingColumn>Account$Owner", "<groupingColumn>Account$Name", "the chart is grouped by"),
    Break(
        "reports",
        AGING,
        "<column>Account.AR_Summaries__r$Overdue__c",
        "<column>Account$Name",
        "the chart shows the Sum",
    ),
    Break(
        "reports",
        AGING,
        "<field>Account$Name",
        "<aggregateTypes>Sum</aggregateTypes><field>Account$Name",
        "is no number",
    ),
    Break("reports", AGING, "<aggregateType>Sum", "<aggregateType>Average", "groups are sorted by the Average"),
    Break("reports", AGING, "<dateColumn>Account$CreatedDate", "<dateColumn>Account$Name", "Account$Name is no date"),
    Break("reports", DISPUTES, "<sortColumn>Account.", "<sortColumn>Acount.", "which is no column"),
    Break("reports", DISPUTES, "<value>New,In Progress", "<value>New,Old", "has no value Old"),
    Break(
        "reports",
        PIPELINE,
        "<value>1</value>\n        </criteriaItems>",
        "<value>True</value></criteriaItems>",
        "checkbox",
    ),
    Break("reports", "reports/Elsewhere/R.report-meta.xml", "", f'<Report xmlns="{NAMESPACE}"/>', "folder Elsewhere"),
    Break("report_folders", REPORTS, "<accessLevel>View", "<accessLevel>Manage", "everybody may view what we ship"),
    Break(
        "report_folders", "reports/Empty.reportFolder-meta.xml", "", f'<ReportFolder xmlns="{NAMESPACE}"/>', "is empty"
    ),
    Break("report_folders", PIPELINE, "", None, "no report is made of it"),
    Break("dashboards", DASHBOARD, "Dueline_Receivables/Overdue_By_Account", "Dueline_Receivables/Over", "no report"),
    Break("dashboards", DASHBOARD, "<dashboardType>LoggedInUser", "<dashboardType>SpecifiedUser", "runs as one user"),
    Break(
        "dashboards", DASHBOARD, "<groupingColumn>Account$Owner", "<groupingColumn>Account$Type", "is not grouped by"
    ),
    Break("dashboards", DASHBOARD, "<reportColumn>Account$Name", "<reportColumn>Account$Type", "is not grouped by"),
    Break("dashboards", DASHBOARD, "s!Account", "a!Account", "has no Average of"),
    Break("dashboards", DASHBOARD, "<aggregate>Sum", "<aggregate>Median", "has no Median of"),
    Break("dashboards", DASHBOARD, "<columnIndex>3", "<columnIndex>2", "lies on another component"),
    Break("dashboards", DASHBOARD, "<columnIndex>9", "<columnIndex>10", "reaches beyond column 12"),
    Break("dashboards", DASHBOARD, "<header>Overdue", f"<header>{'x' * 41}", "more than 40 characters"),
    Break("dashboards", DASHBOARDS, "", None, "there is no folder Dueline_Receivables"),
]

PAGE_BREAKS = [*PAGES, *COMPONENTS, *ACTIONS, *REPORTS_AND_DASHBOARDS]
