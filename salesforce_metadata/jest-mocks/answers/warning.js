/** Answers to the warning's questions, in the shape of the GraphQL API, from plain rows. */
import { answerOf, connection } from './graphql';

export const ACCOUNT_ID = '001000000000001AAA';
export const ME = '005000000000000000';
export const ADA = { Assigned_To__c: '005000000000001AAA', Assigned_To__r: { Name: 'Ada Okafor' } };

export function account(over = {}) {
    return [
        {
            Id: ACCOUNT_ID,
            Name: 'Northwind',
            AR_On_Hold__c: false,
            AR_Final_Notice_On__c: null,
            ...over
        }
    ];
}

export function summary(over = {}) {
    return { Id: 'a001', Currency__c: 'USD', Overdue__c: 48200, Bucket_Over_90__c: 0, ...over };
}

export function euros() {
    return summary({ Id: 'a002', Currency__c: 'EUR', Overdue__c: 900.5 });
}

export function invoice(over = {}) {
    return {
        Id: 'a011',
        Days_Past_Due__c: 34,
        Assigned_To__c: null,
        Assigned_To__r: null,
        ...over
    };
}

/** Northwind owes $48,200, 34 days late; lists that are given differ from that. */
export function answer(lists = {}) {
    return answerOf({
        Account: account(),
        AR_Summary__c: [summary()],
        AR_Invoice__c: [invoice()],
        AR_Dispute__c: [],
        Task: [],
        ...lists
    });
}

/** Opportunities from pairs of amount and currency; without a currency as in an org that has one. */
export function opportunities(...pairs) {
    return pairs.map(([Amount, CurrencyIsoCode], index) => ({
        Id: `006${index}`,
        Amount,
        ...(CurrencyIsoCode ? { CurrencyIsoCode } : {})
    }));
}

export function pipeline(rows, hasNextPage = false) {
    const pageInfo = { hasNextPage, endCursor: 'cursor' };
    return { uiapi: { query: { Opportunity: connection(rows, pageInfo) } } };
}
