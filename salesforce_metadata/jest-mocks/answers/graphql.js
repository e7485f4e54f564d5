/** Answers of the GraphQL API for tests, from plain rows: what c/arRows takes apart is put together here. */

/** The whole answer: `answerOf({ Account: [{ Id, Name }] })`. */
export function answerOf(lists) {
    const query = Object.fromEntries(
        Object.entries(lists).map(([name, rows]) => [name, connection(rows)])
    );
    return { uiapi: { query } };
}

/** One list of an answer. */
export function connection(rows, pageInfo = { hasNextPage: false, endCursor: null }) {
    return { edges: rows.map((row) => ({ node: node(row) })), pageInfo };
}

function node(row) {
    return Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, name === 'Id' ? value : cell(value)])
    );
}

function cell(value) {
    return value !== null && typeof value === 'object' ? node(value) : { value };
}
