/** Answers to the panel's question, in the shape of the GraphQL API, from plain rows. */
import { answerOf } from './graphql';

export const ACCOUNT_ID = '001000000000001AAA';
export const ME = '005000000000000000';

const SUMMARY = {
    Id: 'a00000000000001AAA',
    Currency__c: 'USD',
    Outstanding__c: 60200,
    Overdue__c: 48200,
    Not_Due__c: 12000,
    Bucket_1_30__c: 8000,
    Bucket_31_60__c: 40200,
    Bucket_61_90__c: 0,
    Bucket_Over_90__c: 0,
    Collected__c: 250000,
    Collected_12_Months__c: 90000,
    Written_Off__c: 0,
    Unapplied_Credit__c: 0,
    Disputed__c: 0,
    Promised__c: 0,
    Oldest_Due_On__c: '2026-10-22',
    Open_Invoices__c: 7,
    Overdue_Invoices__c: 3,
    Last_Payment_On__c: '2026-11-20',
    Last_Payment_Amount__c: 1500.5,
    Average_Days_Late__c: 12.4,
    DSO_Ratio__c: 41,
    DSO_Count_Back__c: 38,
    Original_Amounts__c: null,
    As_Of__c: '2026-11-25T14:58:30Z'
};

export function summary(over = {}) {
    return { ...SUMMARY, ...over };
}

/** A summary of which nothing is overdue. */
export function current(over = {}) {
    return summary({
        Outstanding__c: 12000,
        Overdue__c: 0,
        Bucket_1_30__c: 0,
        Bucket_31_60__c: 0,
        Overdue_Invoices__c: 0,
        ...over
    });
}

export function invoice(over = {}) {
    return {
        Id: 'a01000000000001AAA',
        Currency__c: 'USD',
        Days_Past_Due__c: 34,
        On_Hold__c: false,
        Assigned_To__c: null,
        Assigned_To__r: null,
        ...over
    };
}

export function commitment(over = {}) {
    return {
        Id: 'a02000000000001AAA',
        Amount__c: 20000,
        Currency__c: 'USD',
        Kept_Amount__c: 0,
        Promised_On__c: '2026-11-27',
        Status__c: 'Open',
        Problem__c: null,
        Invoice__r: null,
        ...over
    };
}

export function dispute(over = {}) {
    return {
        Id: 'a03000000000001AAA',
        Currency__c: 'USD',
        Disputed_Amount__c: 5000,
        Status__c: 'New',
        SLA_Breached__c: false,
        Invoice__r: null,
        ...over
    };
}

export function contact(over = {}) {
    return {
        Id: 'a04000000000001AAA',
        Kind__c: 'Call',
        Subject__c: 'Asked for a payment plan',
        Occurred_At__c: '2026-11-24T09:00:00Z',
        CreatedDate: '2026-11-24T09:00:00Z',
        By__c: null,
        CreatedBy: { Name: 'Ada Okafor' },
        ...over
    };
}

const BOOK = {
    Account: [
        {
            Id: ACCOUNT_ID,
            Name: 'Northwind',
            Billing_Customer_Id__c: 'cus_1',
            AR_On_Hold__c: false,
            AR_Final_Notice_On__c: null
        }
    ],
    AR_Summary__c: [summary()],
    AR_Invoice__c: [invoice()],
    AR_Commitment__c: [],
    AR_Dispute__c: [],
    contacts: [contact()],
    dunning: [],
    newest: [{ Id: 'a04000000000001AAA', LastModifiedDate: '2026-11-24T09:00:00Z' }],
    Task: [],
    AR_Sync__c: [
        { Id: 'a05000000000001AAA', Caught_Up_At__c: '2026-11-25T14:58:30Z', Problem__c: null }
    ]
};

/** The answer for these rows; lists that are not given are those of Northwind, 34 days late. */
export function answer(lists = {}) {
    return answerOf({ ...BOOK, ...lists });
}

/** Northwind's account row, with what differs. */
export function account(over = {}) {
    return [{ ...BOOK.Account[0], ...over }];
}
