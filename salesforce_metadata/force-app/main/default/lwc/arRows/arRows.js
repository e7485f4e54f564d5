/**
 * Rows of a GraphQL answer as plain objects: `{ Id, Balance__c: 12, Account: { Name: 'Acme' } }`.
 *
 * In the answer every field is `{ value, displayValue }` and every list `{ edges: [{ node }] }`.
 */

/** The rows of a connection (`data.uiapi.query.AR_Invoice__c`); none for a connection that is not there. */
export function rows(connection) {
    return (connection?.edges ?? []).map(({ node }) => row(node));
}

/** One node as a plain object; parents become objects, child lists arrays of rows. */
export function row(node) {
    return Object.fromEntries(Object.entries(node).map(([name, held]) => [name, plain(held)]));
}

/** Where the next page of a connection starts; null after the last one. */
export function nextPage(connection) {
    return connection?.pageInfo?.hasNextPage ? connection.pageInfo.endCursor : null;
}

function plain(held) {
    if (held === null || typeof held !== 'object') {
        return held;
    }
    if ('value' in held) {
        return held.value;
    }
    if ('displayValue' in held) {
        return held.displayValue;
    }
    return Array.isArray(held.edges) ? rows(held) : row(held);
}
