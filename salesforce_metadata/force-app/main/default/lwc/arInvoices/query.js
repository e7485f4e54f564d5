/**
 * What is asked of the UI API for the list of invoices.
 *
 * Open invoices and the rest are two connections: what is open comes first whatever the order, and `orderBy` takes one
 * field only (fields of a GraphQL input have no order, so "by status, then by day" cannot be said).
 */
import { gql } from 'lightning/graphql';

/** Order of a column when it is chosen first; chosen again it turns round. */
export const COLUMNS = {
    number: { field: 'Name', order: 'ASC' },
    due: { field: 'Due_On__c', order: 'ASC' },
    late: { field: 'Days_Past_Due__c', order: 'DESC' },
    amount: { field: 'Amount__c', order: 'DESC' },
    balance: { field: 'Balance__c', order: 'DESC' },
    status: { field: 'Status__c', order: 'ASC' },
    promised: { field: 'Promised_On__c', order: 'ASC' },
    disputed: { field: 'Disputed__c', order: 'DESC' },
    hold: { field: 'On_Hold__c', order: 'DESC' },
    assigned: { field: 'Name', parent: 'Assigned_To__r', order: 'ASC' }
};

/** What nobody chose an order for: oldest due first while open, newest first once settled. */
const DEFAULT_ORDERS = {
    open: { Due_On__c: { order: 'ASC', nulls: 'LAST' } },
    rest: { Due_On__c: { order: 'DESC', nulls: 'LAST' } }
};

const NODE = `
    Id
    Name { value }
    Key__c { value }
    Number__c { value }
    Due_On__c { value }
    Days_Past_Due__c { value }
    Overdue__c { value }
    Amount__c { value }
    Balance__c { value }
    Currency__c { value }
    Original_Amount__c { value }
    Status__c { value }
    statusLabel: Status__c { displayValue }
    Paid_On__c { value }
    Promised_On__c { value }
    Disputed__c { value }
    On_Hold__c { value }
    Pay_URL__c { value }
    PDF_URL__c { value }
    Assigned_To__c { value }
    Assigned_To__r { Name { value } }`;

/** The document that asks for some of the connections `open` and `rest`. */
export function query(names) {
    return gql`
        query ArInvoices($first: Int!, ${names.map(declared).join(', ')}) {
            uiapi {
                query {
                    ${names.map(connection).join('\n')}
                }
            }
        }
    `;
}

function declared(name) {
    return `$${name}After: String, $${name}Where: AR_Invoice__c_Filter, $${name}Order: AR_Invoice__c_OrderBy`;
}

function connection(name) {
    return `${name}: AR_Invoice__c(
        first: $first, after: $${name}After, where: $${name}Where, orderBy: $${name}Order
    ) {
        edges { node { ${NODE} } }
        pageInfo { hasNextPage endCursor }
        totalCount
    }`;
}

/** Which connections a filter needs: a bucket holds open invoices only. */
export function sources({ isAll, bucket }) {
    return isAll && !bucket ? ['open', 'rest'] : ['open'];
}

/** The variables of `query`. */
export function variables(accountId, filter, sort, { names, first, after }) {
    const given = { first };
    for (const name of names) {
        given[`${name}After`] = after[name] ?? null;
        given[`${name}Where`] = where(name, accountId, filter);
        given[`${name}Order`] = sort ? order(sort) : DEFAULT_ORDERS[name];
    }
    return given;
}

function where(name, accountId, { bucket, currency, search }) {
    return {
        Account__c: { eq: accountId },
        Status__c: name === 'open' ? { eq: 'Open' } : { ne: 'Open' },
        ...(bucket && { Bucket__c: { eq: bucket } }),
        ...(currency && { Currency__c: { eq: currency } }),
        ...(search && { Name: { like: `%${escaped(search)}%` } })
    };
}

/** The order of a column, `{ column, isDescending }`; empty values last either way. */
function order({ column, isDescending }) {
    const { field, parent } = COLUMNS[column];
    const by = { [field]: { order: isDescending ? 'DESC' : 'ASC', nulls: 'LAST' } };
    return parent ? { [parent]: by } : by;
}

/** `%` and `_` stand for themselves in what somebody types. */
function escaped(text) {
    return text.replace(/[\\%_]/g, '\\$&');
}
