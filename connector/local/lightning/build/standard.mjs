// What an org has without the package: the standard fields that components may name, and for pages the fields a fresh
// org's compact and page layouts show. The package holds nothing about these, so they stand here.

export const SYSTEM =
    'Id Name OwnerId CurrencyIsoCode CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp IsDeleted';

export const STANDARD_FIELDS = {
    Account:
        `${SYSTEM} Type ParentId BillingStreet BillingCity BillingState BillingPostalCode BillingCountry Phone Fax ` +
        'AccountNumber Website Industry AnnualRevenue NumberOfEmployees Description Rating Site LastActivityDate',
    Contact:
        `${SYSTEM} AccountId FirstName LastName Salutation Phone MobilePhone Email Title Department ReportsToId ` +
        'Description LastActivityDate',
    Opportunity:
        `${SYSTEM} AccountId StageName Amount Probability CloseDate Type NextStep IsClosed IsWon ContactId ` +
        'Description LastActivityDate',
    Case:
        `${SYSTEM} CaseNumber AccountId ContactId Subject Description Status Priority Origin Reason Type IsClosed ` +
        'ClosedDate',
    Task:
        `${SYSTEM} WhoId WhatId AccountId Subject ActivityDate Status Priority IsHighPriority IsClosed Description ` +
        'Type TaskSubtype CompletedDateTime CallType CallDurationInSeconds CallDisposition',
    User: `${SYSTEM} FirstName LastName Username Email Title UserRoleId ProfileId IsActive ManagerId TimeZoneSidKey`
};

export const STANDARD_LAYOUTS = {
    Account: {
        compact: ['Name', 'Type', 'Phone', 'Website', 'OwnerId', 'AR_Status__c'],
        sections: [
            {
                label: 'Account Information',
                fields: 'OwnerId Name ParentId AccountNumber Type Industry AnnualRevenue CurrencyIsoCode Rating Phone Website NumberOfEmployees'
            },
            {
                label: 'Receivables',
                fields: 'AR_Status__c AR_Overdue__c AR_Outstanding__c AR_Overdue_Amount__c AR_Disputed__c AR_On_Hold__c AR_Final_Notice_On__c AR_As_Of__c'
            }
        ],
        related: [
            'Contacts',
            'Opportunities',
            'Cases',
            'AR_Invoices__r',
            'AR_Commitments__r',
            'AR_Disputes__r'
        ]
    },
    Contact: {
        compact: ['Name', 'Title', 'AccountId', 'Phone', 'Email', 'OwnerId'],
        sections: [
            {
                label: 'Contact Information',
                fields: 'Name AccountId Title Department Phone MobilePhone Email OwnerId'
            }
        ],
        related: ['Cases']
    },
    Opportunity: {
        compact: ['Name', 'AccountId', 'CloseDate', 'Amount', 'StageName', 'OwnerId'],
        sections: [
            {
                label: 'Opportunity Information',
                fields: 'Name OwnerId AccountId CloseDate StageName Amount Probability NextStep Type AR_Warning__c'
            }
        ],
        related: []
    },
    Case: {
        compact: ['CaseNumber', 'Subject', 'Priority', 'Status', 'AccountId', 'OwnerId'],
        sections: [
            {
                label: 'Case Information',
                fields: 'CaseNumber OwnerId Status Priority AccountId ContactId Type Reason Origin Subject Description'
            }
        ],
        related: []
    },
    Task: {
        compact: ['Subject', 'ActivityDate', 'Status', 'Priority', 'WhatId', 'OwnerId'],
        sections: [
            {
                label: 'Task Information',
                fields: 'Subject OwnerId ActivityDate Status Priority WhatId WhoId AR_Outcome__c Description'
            }
        ],
        related: []
    },
    User: {
        compact: ['Name', 'Title', 'Email'],
        sections: [{ label: 'User', fields: 'Name Title Email IsActive' }],
        related: []
    }
};

// The standard objects' own list views of all their records.
export const STANDARD_LISTS = {
    Account: {
        label: 'All Accounts',
        columns: ['Name', 'AR_Status__c', 'AR_Outstanding__c', 'AR_Overdue_Amount__c', 'OwnerId']
    },
    Contact: { label: 'All Contacts', columns: ['Name', 'AccountId', 'Title', 'Phone', 'Email'] },
    Opportunity: {
        label: 'All Opportunities',
        columns: [
            'Name',
            'AccountId',
            'AR_Warning__c',
            'StageName',
            'Amount',
            'CloseDate',
            'OwnerId'
        ]
    },
    Case: {
        label: 'All Cases',
        columns: ['CaseNumber', 'Subject', 'AccountId', 'Status', 'Priority', 'OwnerId']
    }
};
