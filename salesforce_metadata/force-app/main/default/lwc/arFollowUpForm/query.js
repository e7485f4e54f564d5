/** The invoices to follow up, who is on each, the tasks that ask for them, and whose account it is. */
import { gql } from 'lightning/graphql';

const INVOICES = `
    edges {
        node {
            Id
            Name { value }
            Number__c { value }
            Key__c { value }
            Balance__c { value }
            Currency__c { value }
            Due_On__c { value }
            Assigned_To__c { value }
            Assigned_To__r { Name { value } }
        }
    }
    totalCount
`;

const AROUND = `
    Task(
        first: 200
        where: {
            AccountId: { eq: $accountId }
            IsClosed: { eq: false }
            AR_Key__c: { ne: null }
        }
    ) {
        edges {
            node {
                Id
                OwnerId { value }
                Status { value }
                AR_Key__c { value }
            }
        }
    }
    Account(first: 1, where: { Id: { eq: $accountId } }) {
        edges { node { Id OwnerId { value } } }
    }
`;

/** Of the account's overdue invoices, the oldest. */
export const OVERDUE = gql`
    query OverdueFollowUps($accountId: ID!, $first: Int!) {
        uiapi {
            query {
                AR_Invoice__c(
                    first: $first
                    where: { Account__c: { eq: $accountId }, Overdue__c: { eq: true } }
                    orderBy: { Due_On__c: { order: ASC } }
                ) { ${INVOICES} }
                ${AROUND}
            }
        }
    }
`;

/** Of chosen invoices. */
export const CHOSEN = gql`
    query ChosenFollowUps($accountId: ID!, $first: Int!, $ids: [ID]) {
        uiapi {
            query {
                AR_Invoice__c(
                    first: $first
                    where: { Account__c: { eq: $accountId }, Id: { in: $ids } }
                    orderBy: { Due_On__c: { order: ASC } }
                ) { ${INVOICES} }
                ${AROUND}
            }
        }
    }
`;
