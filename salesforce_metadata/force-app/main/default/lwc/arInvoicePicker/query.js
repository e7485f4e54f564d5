/** Open invoices of an account, oldest due date first. `$like` is used where somebody searches by number. */
import { gql } from 'lightning/graphql';

const FIELDS = `
    Id
    Name { value }
    Number__c { value }
    Balance__c { value }
    Currency__c { value }
    Due_On__c { value }
    Overdue__c { value }
    Days_Past_Due__c { value }
    Disputed__c { value }
`;

export const OPEN = gql`
    query OpenInvoices($accountId: ID!, $first: Int!) {
        uiapi {
            query {
                AR_Invoice__c(
                    first: $first
                    where: { Account__c: { eq: $accountId }, Balance__c: { gt: 0 } }
                    orderBy: { Due_On__c: { order: ASC, nulls: LAST } }
                ) {
                    edges { node { ${FIELDS} } }
                    totalCount
                }
            }
        }
    }
`;

export const SEARCH = gql`
    query OpenInvoicesByNumber($accountId: ID!, $first: Int!, $like: String!) {
        uiapi {
            query {
                AR_Invoice__c(
                    first: $first
                    where: {
                        Account__c: { eq: $accountId }
                        Balance__c: { gt: 0 }
                        Number__c: { like: $like }
                    }
                    orderBy: { Due_On__c: { order: ASC, nulls: LAST } }
                ) {
                    edges { node { ${FIELDS} } }
                    totalCount
                }
            }
        }
    }
`;
