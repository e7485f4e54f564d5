/**
 * What the warning asks: how the account stands in one request, and its open pipeline in another where there is
 * something to warn of.
 */
import { gql } from 'lightning/graphql';

/** How many open opportunities are read; an account with more is told of as "more than". */
export const OPPORTUNITIES_READ = 200;

export const STANDING = gql`
    query arWarning($accountId: ID!) {
        uiapi {
            query {
                Account(where: { Id: { eq: $accountId } }, first: 1) {
                    edges {
                        node {
                            Id
                            Name {
                                value
                            }
                            AR_On_Hold__c {
                                value
                            }
                            AR_Final_Notice_On__c {
                                value
                            }
                        }
                    }
                }
                AR_Summary__c(
                    where: { Account__c: { eq: $accountId } }
                    orderBy: { Currency__c: { order: ASC } }
                    first: 50
                ) {
                    edges {
                        node {
                            Id
                            Currency__c {
                                value
                            }
                            Overdue__c {
                                value
                            }
                            Bucket_Over_90__c {
                                value
                            }
                        }
                    }
                }
                AR_Invoice__c(
                    where: { Account__c: { eq: $accountId }, Overdue__c: { eq: true } }
                    orderBy: { Due_On__c: { order: ASC } }
                    first: 50
                ) {
                    edges {
                        node {
                            Id
                            Days_Past_Due__c {
                                value
                            }
                            Assigned_To__c {
                                value
                            }
                            Assigned_To__r {
                                Name {
                                    value
                                }
                            }
                        }
                    }
                }
                AR_Dispute__c(
                    where: {
                        Account__c: { eq: $accountId }
                        Status__c: { nin: ["Resolved", "Rejected"] }
                    }
                    first: 200
                ) {
                    edges {
                        node {
                            Id
                        }
                    }
                }
                Task(
                    where: {
                        AccountId: { eq: $accountId }
                        AR_Key__c: { ne: null }
                        IsClosed: { eq: false }
                    }
                    first: 200
                ) {
                    edges {
                        node {
                            Id
                            Status {
                                value
                            }
                            OwnerId {
                                value
                            }
                            Owner {
                                ... on User {
                                    Name {
                                        value
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
`;

/**
 * The open opportunities one by one, and not their sum: where an org has several currencies, the platform gives sums
 * of grouped amounts in the org's own currency, converted, whatever they are grouped by.
 * (SOQL and SOSL Reference, "Querying Currency Fields in Multi-Currency Orgs".)
 */
export function pipelineQuery(isMultiCurrency) {
    const currency = isMultiCurrency ? 'CurrencyIsoCode { value }' : '';
    return gql`
        query arPipeline($accountId: ID!) {
            uiapi {
                query {
                    Opportunity(
                        where: { AccountId: { eq: $accountId }, IsClosed: { eq: false } }
                        first: ${OPPORTUNITIES_READ}
                    ) {
                        edges {
                            node {
                                Id
                                Amount { value }
                                ${currency}
                            }
                        }
                        pageInfo {
                            hasNextPage
                            endCursor
                        }
                    }
                }
            }
        }
    `;
}
