// List view metadata names the columns of standard objects in a language of its own (ACCOUNT.NAME); these are the
// fields behind those names. Custom fields go by their API names.

const COLUMNS = {
    NAME: 'Name',
    'ACCOUNT.NAME': 'Name',
    'ACCOUNT.TYPE': 'Type',
    'ACCOUNT.PHONE1': 'Phone',
    'ACCOUNT.URL': 'Website',
    'ACCOUNT.INDUSTRY': 'Industry',
    'ACCOUNT.CURRENCY_ISO_CODE': 'CurrencyIsoCode',
    'OPPORTUNITY.NAME': 'Name',
    'OPPORTUNITY.AMOUNT': 'Amount',
    'OPPORTUNITY.CLOSE_DATE': 'CloseDate',
    'OPPORTUNITY.STAGE_NAME': 'StageName',
    'OPPORTUNITY.PROBABILITY': 'Probability',
    'OPPORTUNITY.CLOSED': 'IsClosed',
    'OPPORTUNITY.WON': 'IsWon',
    'CASES.CASE_NUMBER': 'CaseNumber',
    'CASES.SUBJECT': 'Subject',
    'CASES.STATUS': 'Status',
    'CASES.PRIORITY': 'Priority',
    'CASES.CLOSED': 'IsClosed',
    'CORE.USERS.ALIAS': 'OwnerId',
    'CORE.USERS.FIRST_NAME': 'OwnerId',
    'CORE.USERS.LAST_NAME': 'OwnerId',
    'CREATEDBY_USER.ALIAS': 'CreatedById',
    CREATED_DATE: 'CreatedDate',
    'ACCOUNT.CREATED_DATE': 'CreatedDate',
    'OPPORTUNITY.CREATED_DATE': 'CreatedDate',
    LAST_UPDATE: 'LastModifiedDate',
    'ACCOUNT.LAST_UPDATE': 'LastModifiedDate',
    'OPPORTUNITY.LAST_UPDATE': 'LastModifiedDate',
    CURRENCY_ISO_CODE: 'CurrencyIsoCode',
    OWNER: 'OwnerId',
    'OWNER.ALIAS': 'OwnerId',
    'OWNER.FIRST_NAME': 'OwnerId',
    'OWNER.LAST_NAME': 'OwnerId',
    CREATEDBY_USER: 'CreatedById',
    UPDATEDBY_USER: 'LastModifiedById'
};
const ACCOUNT_OF = { Opportunity: 'AccountId', Case: 'AccountId', Contact: 'AccountId' };

/** The field behind a list view column of an object, or undefined. */
export function fieldOfColumn(object, column) {
    if (/__[cr]$/.test(column)) {
        return column;
    }
    return column === 'ACCOUNT.NAME' && ACCOUNT_OF[object] ? ACCOUNT_OF[object] : COLUMNS[column];
}
