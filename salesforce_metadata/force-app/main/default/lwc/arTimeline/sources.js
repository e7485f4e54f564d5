/**
 * Where the entries of a timeline come from, and what is asked of the UI API for them.
 *
 * Each source is one connection in the order of one field, newest first. What filters is said to the server, so that
 * "load more" goes back in time and not through pages of entries that are not wanted. A filter that nothing of a
 * source can meet leaves the source out of the query.
 */
import { gql } from 'lightning/graphql';
import USER_ID from '@salesforce/user/Id';

const HERE = 'Salesforce';
const SERVICE = 'Dueline';
const CONTACT_KINDS = ['Call', 'Email', 'Dunning', 'Final Notice'];
const CONTACT_DAYS = 3;

const PERSON = 'Owner { ... on User { Name { value } } }';
const INVOICE = 'Invoice__r { Id Name { value } Currency__c { value } }';
const ACTIVITY = `
    Id
    Kind__c { value }
    Subject__c { value }
    Body__c { value }
    Occurred_At__c { value }
    CreatedDate { value }
    By__c { value }
    System__c { value }
    Amount__c { value }
    Currency__c { value }
    Escalated_Team__c { displayValue }
    Escalated_To__r { Name { value } }
    ${INVOICE}
    Commitment__r { Id Name { value } }
    Dispute__r { Id Name { value } }
    ${PERSON}`;
const TASK = `
    Id
    Subject { value }
    Description { value }
    IsClosed { value }
    statusLabel: Status { displayValue }
    ActivityDate { value }
    CreatedDate { value }
    CompletedDateTime { value }
    AR_Outcome__c { value }
    ${PERSON}`;

/**
 * `time`: the field that orders. `scopes`: by object of the page, the field that ties a row to its record; elsewhere
 * the account's rows are shown. `by`: conditions for a part of a name. `from`: conditions for a system, none where
 * nothing of the source can come from there.
 */
const SOURCES = {
    activity: {
        object: 'AR_Activity__c',
        time: 'Occurred_At__c',
        fields: ACTIVITY,
        where: { Occurred_At__c: { ne: null } },
        ofActivity: true
    },
    undated: {
        // rows made by hand with "When" left empty: they happened when they were made
        object: 'AR_Activity__c',
        time: 'CreatedDate',
        fields: ACTIVITY,
        where: { Occurred_At__c: { eq: null } },
        ofActivity: true
    },
    payment: {
        object: 'AR_Payment__c',
        time: 'Paid_On__c',
        kind: 'Payment',
        scopes: { AR_Invoice__c: 'Invoice__c' },
        fields: `
            Id
            Kind__c { value }
            Status__c { value }
            statusLabel: Status__c { displayValue }
            Amount__c { value }
            Currency__c { value }
            Original_Amount__c { value }
            Charged_Back__c { value }
            Refunded__c { value }
            Method__c { value }
            Paid_On__c { value }
            Invoices__c { value }
            Billing_System__c { value }
            ${INVOICE}`,
        from: (system) => (system === HERE ? undefined : { Billing_System__c: { eq: system } })
    },
    commitment: {
        object: 'AR_Commitment__c',
        time: 'CreatedDate',
        kind: 'Commitment',
        scopes: { AR_Invoice__c: 'Invoice__c', AR_Commitment__c: 'Id' },
        fields: `
            Id
            Name { value }
            Amount__c { value }
            Currency__c { value }
            Promised_On__c { value }
            statusLabel: Status__c { displayValue }
            Note__c { value }
            Invoices__c { value }
            CreatedDate { value }
            CreatedBy { Name { value } }
            ${INVOICE}`,
        by: (name) => ({ CreatedBy: { Name: name } }),
        from: (system) => (system === HERE ? {} : undefined)
    },
    dispute: {
        object: 'AR_Dispute__c',
        time: 'CreatedDate',
        kind: 'Dispute',
        scopes: { AR_Invoice__c: 'Invoice__c', AR_Dispute__c: 'Id' },
        fields: `
            Id
            Name { value }
            Disputed_Amount__c { value }
            Currency__c { value }
            categoryLabel: Category__c { displayValue }
            statusLabel: Status__c { displayValue }
            Reason__c { value }
            Resolution__c { value }
            SLA_Breached__c { value }
            CreatedDate { value }
            CreatedBy { Name { value } }
            ${INVOICE}`,
        by: (name) => ({ CreatedBy: { Name: name } }),
        from: (system) => (system === HERE ? {} : undefined)
    },
    openTask: {
        object: 'Task',
        time: 'CreatedDate',
        kind: 'Task',
        fields: TASK,
        where: { AR_Key__c: { ne: null }, IsClosed: { eq: false } },
        ofTask: true
    },
    doneTask: {
        object: 'Task',
        time: 'CompletedDateTime',
        kind: 'Task',
        fields: TASK,
        where: { AR_Key__c: { ne: null }, IsClosed: { eq: true } },
        ofTask: true
    }
};
const ACTIVITY_SCOPES = {
    AR_Invoice__c: 'Invoice__c',
    AR_Commitment__c: 'Commitment__c',
    AR_Dispute__c: 'Dispute__c'
};

/** All that is merged; an entry of an earlier source comes before one of a later that is as new. */
export const MERGED = Object.keys(SOURCES);

/** Nothing filtered. */
export const EVERYTHING = Object.freeze({ kinds: [], who: '', days: 0, system: '' });

/** Whether a page shows what happened to its record, and not to the whole account. */
export function isOfRecord(objectApiName) {
    return objectApiName in ACTIVITY_SCOPES;
}

/**
 * The conditions of each source that a page (`{ accountId, recordId, objectApiName }`) and a filter need, by source;
 * and `contact`, the last time somebody else contacted the customer, whatever is filtered.
 */
export function conditions(page, filter) {
    const found = {};
    for (const name of MERGED) {
        const parts = [ofPage(SOURCES[name], page), ofKind(SOURCES[name], filter.kinds)];
        parts.push(SOURCES[name].where ?? {}, ofDays(SOURCES[name], filter.days));
        parts.push(ofPerson(SOURCES[name], filter.who), ofSystem(SOURCES[name], filter.system));
        if (parts.every(Boolean)) {
            found[name] = { and: parts.filter((part) => Object.keys(part).length) };
        }
    }
    found.contact = {
        Account__c: { eq: page.accountId },
        Kind__c: { in: CONTACT_KINDS },
        Occurred_At__c: { eq: { range: { last_n_days: CONTACT_DAYS } } },
        OwnerId: { ne: USER_ID }
    };
    return found;
}

/** The document that asks for some of the sources, and `contact`. */
export function query(names) {
    return gql`
        query ArTimeline($first: Int!, ${names.map(declared).join(', ')}) {
            uiapi {
                query {
                    ${names.map(connection).join('\n')}
                }
            }
        }
    `;
}

/** The variables of `query`; `wheres`: what `conditions` gave. */
export function variables(wheres, { names, first, after }) {
    const given = { first };
    for (const name of names) {
        given[`${name}Where`] = wheres[name];
        if (name in SOURCES) {
            given[`${name}After`] = after[name] ?? null;
        }
    }
    return given;
}

function declared(name) {
    const { object } = SOURCES[name] ?? SOURCES.activity;
    const after = name in SOURCES ? `, $${name}After: String` : '';
    return `$${name}Where: ${object}_Filter${after}`;
}

function connection(name) {
    const { object, time, fields } = SOURCES[name] ?? SOURCES.activity;
    const page = name in SOURCES ? `first: $first, after: $${name}After` : 'first: 1';
    return `${name}: ${object}(
        ${page}, where: $${name}Where, orderBy: { ${time}: { order: DESC, nulls: LAST } }
    ) {
        edges { node { ${fields} } }
        pageInfo { hasNextPage endCursor }
        totalCount
    }`;
}

function ofPage({ object, ofActivity, scopes }, { accountId, recordId, objectApiName }) {
    if (isOfRecord(objectApiName)) {
        const field = (ofActivity ? ACTIVITY_SCOPES : scopes)?.[objectApiName];
        return field && { [field]: { eq: recordId } };
    }
    return object === 'Task' ? { AccountId: { eq: accountId } } : { Account__c: { eq: accountId } };
}

function ofKind({ kind, ofActivity }, kinds) {
    if (!kinds.length) {
        return {};
    }
    if (ofActivity) {
        return { Kind__c: { in: kinds } };
    }
    return kinds.includes(kind) ? {} : undefined;
}

function ofDays({ time }, days) {
    return days ? { [time]: { eq: { range: { last_n_days: days } } } } : {};
}

function ofPerson({ ofActivity, ofTask, by }, who) {
    if (!who) {
        return {};
    }
    const name = { like: `%${who.replace(/[\\%_]/g, '\\$&')}%` };
    const owner = { Owner: { User: { Name: name } } };
    if (ofActivity) {
        return { or: [{ By__c: name }, { and: [{ By__c: { eq: null } }, owner] }] };
    }
    return ofTask ? owner : by?.(name);
}

function ofSystem({ ofActivity, ofTask, from }, system) {
    if (!system) {
        return {};
    }
    if (ofActivity) {
        const told = { System__c: { eq: system } };
        return system === HERE ? { or: [told, { System__c: { eq: null } }] } : told;
    }
    if (ofTask) {
        return system === SERVICE ? {} : undefined;
    }
    return from(system);
}
