/**
 * What the panel asks: everything it shows, in one request.
 *
 * Ten lists, as many as the platform takes in a request; the next one needs a request of its own. Of the overdue
 * invoices it reads the oldest fifty (the ones a follow-up is taken of), so that an account with thousands costs no more
 * than one with few.
 */
import { gql } from 'lightning/graphql';

/** How many overdue invoices are read; with this many there may be more. */
export const INVOICES_READ = 50;

export const PANEL = gql`
    query arPanel($accountId: ID!) {
        uiapi {
            query {
                Account(where: { Id: { eq: $accountId } }, first: 1) {
                    edges {
                        node {
                            Id
                            Name {
                                value
                            }
                            Billing_Customer_Id__c {
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
                            Outstanding__c {
                                value
                            }
                            Overdue__c {
                                value
                            }
                            Not_Due__c {
                                value
                            }
                            Bucket_1_30__c {
                                value
                            }
                            Bucket_31_60__c {
                                value
                            }
                            Bucket_61_90__c {
                                value
                            }
                            Bucket_Over_90__c {
                                value
                            }
                            Collected__c {
                                value
                            }
                            Collected_12_Months__c {
                                value
                            }
                            Written_Off__c {
                                value
                            }
                            Unapplied_Credit__c {
                                value
                            }
                            Disputed__c {
                                value
                            }
                            Promised__c {
                                value
                            }
                            Oldest_Due_On__c {
                                value
                            }
                            Open_Invoices__c {
                                value
                            }
                            Overdue_Invoices__c {
                                value
                            }
                            Last_Payment_On__c {
                                value
                            }
                            Last_Payment_Amount__c {
                                value
                            }
                            Average_Days_Late__c {
                                value
                            }
                            DSO_Ratio__c {
                                value
                            }
                            DSO_Count_Back__c {
                                value
                            }
                            Original_Amounts__c {
                                value
                            }
                            As_Of__c {
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
                            Currency__c {
                                value
                            }
                            Days_Past_Due__c {
                                value
                            }
                            On_Hold__c {
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
                AR_Commitment__c(
                    where: {
                        Account__c: { eq: $accountId }
                        Cancelled__c: { eq: false }
                        Status__c: { nin: ["Kept", "Cancelled"] }
                    }
                    orderBy: { Promised_On__c: { order: DESC } }
                    first: 50
                ) {
                    edges {
                        node {
                            Id
                            Amount__c {
                                value
                            }
                            Currency__c {
                                value
                            }
                            Kept_Amount__c {
                                value
                            }
                            Promised_On__c {
                                value
                            }
                            Status__c {
                                value
                            }
                            Problem__c {
                                value
                            }
                            Invoice__r {
                                Currency__c {
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
                    orderBy: { SLA_Due_At__c: { order: ASC, nulls: LAST } }
                    first: 200
                ) {
                    edges {
                        node {
                            Id
                            Currency__c {
                                value
                            }
                            Disputed_Amount__c {
                                value
                            }
                            Status__c {
                                value
                            }
                            SLA_Breached__c {
                                value
                            }
                            Invoice__r {
                                Currency__c {
                                    value
                                }
                                Balance__c {
                                    value
                                }
                            }
                        }
                    }
                }
                contacts: AR_Activity__c(
                    where: {
                        Account__c: { eq: $accountId }
                        Kind__c: { in: ["Call", "Email", "Final Notice"] }
                    }
                    orderBy: { Occurred_At__c: { order: DESC, nulls: FIRST } }
                    first: 10
                ) {
                    edges {
                        node {
                            Id
                            Kind__c {
                                value
                            }
                            Subject__c {
                                value
                            }
                            Occurred_At__c {
                                value
                            }
                            CreatedDate {
                                value
                            }
                            By__c {
                                value
                            }
                            System__c {
                                value
                            }
                            CreatedBy {
                                Name {
                                    value
                                }
                            }
                        }
                    }
                }
                dunning: AR_Activity__c(
                    where: { Account__c: { eq: $accountId }, Kind__c: { eq: "Dunning" } }
                    orderBy: { Occurred_At__c: { order: DESC, nulls: LAST } }
                    first: 1
                ) {
                    edges {
                        node {
                            Id
                            Subject__c {
                                value
                            }
                            Occurred_At__c {
                                value
                            }
                            System__c {
                                value
                            }
                        }
                    }
                }
                newest: AR_Activity__c(
                    where: { Account__c: { eq: $accountId } }
                    orderBy: { LastModifiedDate: { order: DESC } }
                    first: 1
                ) {
                    edges {
                        node {
                            Id
                            LastModifiedDate {
                                value
                            }
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
                AR_Sync__c(where: { Key__c: { eq: "service" } }, first: 1) {
                    edges {
                        node {
                            Id
                            Caught_Up_At__c {
                                value
                            }
                            Problem__c {
                                value
                            }
                        }
                    }
                }
            }
        }
    }
`;
