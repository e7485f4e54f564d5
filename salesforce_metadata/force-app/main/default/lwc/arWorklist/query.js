/**
 * Everything that tells which account to act on, in one request of nine lists (ten is the most that Salesforce takes).
 *
 * The text depends on whose accounts are meant, and on what this person and this org have: no opportunities where they
 * may not be seen, no currency of them in an org with a single currency. Each of the few texts is parsed once.
 */
import { gql } from 'lightning/graphql';

/** How many rows of a list are read. A person with more than these has other worries than the order of a list. */
export const MOST_ROWS = 500;
const MOST_OPPORTUNITIES = 2000;

const documents = new Map();

/**
 * @param {boolean} mine accounts that are mine; else all that I can see
 * @param {'none'|'single'|'multi'} pipeline whether opportunities can be read, and in how many currencies
 */
export function worklistQuery(mine, pipeline) {
    const key = `${mine}/${pipeline}`;
    if (!documents.has(key)) {
        documents.set(
            key,
            gql`
                ${text(mine, pipeline)}
            `
        );
    }
    return documents.get(key);
}

function text(mine, pipeline) {
    const ofAccount = mine ? 'Account__r: { OwnerId: { eq: $me } }' : '';
    return `query Worklist($me: ID!, $until: Date!, $since: DateTime!, $first: Int!) { uiapi { query {
        ${summaries(ofAccount)}
        ${commitments(ofAccount)}
        ${disputes(ofAccount)}
        ${assigned(ofAccount)}
        ${escalations()}
        ${tasks(mine)}
        ${pipeline === 'none' ? '' : opportunities(mine, pipeline)}
        ${accounts(mine)}
        AR_Sync__c(first: 1, where: { Key__c: { eq: "service" } }) {
            edges { node { Id Caught_Up_At__c { value } } }
        }
    } } }`;
}

function summaries(ofAccount) {
    return `AR_Summary__c(
        first: $first
        where: { Outstanding__c: { gt: 0 } ${ofAccount} }
        orderBy: { Overdue__c: { order: DESC, nulls: LAST } }
    ) { edges { node {
        Id
        Account__c { value }
        Account__r {
            Name { value }
            AR_Final_Notice_On__c { value }
            Owner { Name { value } }
        }
        Currency__c { value }
        Overdue__c { value }
        Promised__c { value }
        Disputed__c { value }
        Oldest_Due_On__c { value }
    } } totalCount }`;
}

/** Promises for the coming days, and those that were not kept. */
function commitments(ofAccount) {
    return `AR_Commitment__c(
        first: $first
        where: {
            Cancelled__c: { eq: false }
            Promised_On__c: { lte: { value: $until } }
            Status__c: { in: ["Open", "Broken", "Partly Kept"] }
            ${ofAccount}
        }
        orderBy: { Promised_On__c: { order: DESC } }
    ) { edges { node {
        Id
        Account__c { value }
        Account__r { Name { value } }
        Amount__c { value }
        Kept_Amount__c { value }
        Currency__c { value }
        Promised_On__c { value }
        Status__c { value }
    } } }`;
}

/** Open disputes that are over their deadline, or that wait for me. */
function disputes(ofAccount) {
    const breached = `{ SLA_Breached__c: { eq: true } ${ofAccount} }`;
    return `AR_Dispute__c(
        first: $first
        where: {
            Status__c: { in: ["New", "In Progress"] }
            or: [${breached}, { Assigned_To__c: { eq: $me } }]
        }
        orderBy: { SLA_Due_At__c: { order: ASC, nulls: LAST } }
    ) { edges { node {
        Id
        Account__c { value }
        Account__r { Name { value } }
        Disputed_Amount__c { value }
        Currency__c { value }
        SLA_Due_At__c { value }
        SLA_Breached__c { value }
        Assigned_To__c { value }
    } } }`;
}

/** Overdue invoices that somebody is on. */
function assigned(ofAccount) {
    return `AR_Invoice__c(
        first: $first
        where: { Overdue__c: { eq: true } Assigned_To__c: { ne: null } ${ofAccount} }
        orderBy: { Due_On__c: { order: ASC } }
    ) { edges { node {
        Id
        Account__c { value }
        Assigned_To__c { value }
        Assigned_To__r { Name { value } }
    } } }`;
}

/** What I was asked to step in for lately, whoever's account it is. */
function escalations() {
    return `AR_Activity__c(
        first: 50
        where: {
            Kind__c: { eq: "Escalation" }
            Escalated_To__c: { eq: $me }
            CreatedDate: { gte: { value: $since } }
        }
        orderBy: { CreatedDate: { order: DESC } }
    ) { edges { node {
        Id
        Account__c { value }
        Account__r { Name { value } }
        CreatedDate { value }
        CreatedBy { Name { value } }
    } } }`;
}

/** My open follow-ups, and everybody's on these accounts: who has one in progress is on it. */
function tasks(mine) {
    const whose = mine
        ? 'or: [{ OwnerId: { eq: $me } }, { Account: { OwnerId: { eq: $me } } }]'
        : '';
    return `Task(
        first: $first
        where: { IsClosed: { eq: false } AR_Key__c: { ne: null } ${whose} }
        orderBy: { ActivityDate: { order: ASC, nulls: LAST } }
    ) { edges { node {
        Id
        Subject { value }
        Status { value }
        Description { value }
        ActivityDate { value }
        AccountId { value }
        Account { Name { value } }
        OwnerId { value }
        Owner { ... on User { Name { value } } }
    } } }`;
}

function opportunities(mine, pipeline) {
    const owner = mine ? 'OwnerId: { eq: $me }' : '';
    return `Opportunity(
        first: ${MOST_OPPORTUNITIES}
        where: { IsClosed: { eq: false } Account: { AR_Overdue__c: { eq: true } ${owner} } }
    ) { edges { node {
        Id
        Amount { value }
        ${pipeline === 'multi' ? 'CurrencyIsoCode { value }' : ''}
    } } totalCount }`;
}

/** How many accounts these are. */
function accounts(mine) {
    const where = mine ? 'where: { OwnerId: { eq: $me } }' : '';
    return `Account(first: 1 ${where}) { edges { node { Id } } totalCount }`;
}
