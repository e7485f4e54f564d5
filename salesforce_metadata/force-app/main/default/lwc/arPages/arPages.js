/**
 * Pages of a list that comes from one or several connections ("sources") of one GraphQL query, each with its cursor.
 *
 * Further pages are asked for by cursor and put behind what is there. To read everything again it is asked for in one
 * piece, as long as what was loaded: one request, whatever the number of pages. A cursor of the UI API is a number of
 * rows to skip, and `orderBy` takes one field safely (fields of a GraphQL input have no order), so rows that compare
 * equal, or that move between two requests, can come twice or not at all. Twice is left out here; at the end of a
 * source its `totalCount` tells whether any did not come (`hasGap`), and then everything is asked for in one piece.
 *
 * All functions are pure. A list is `{ sources, size, … }`; the state of its pages is
 * `{ list, asked, answered, held: { source: { rows, next, total } } }`.
 */
import { nextPage, rows } from 'c/arRows';

const MOST = 2000; // rows of one connection in one answer, and rows that a cursor can skip, by the platform's limits

/** What a component that reads pages has to show. */
export const STATES = Object.freeze({
    LOADING: 'loading',
    NO_ACCOUNT: 'no account',
    HIDDEN: 'hidden',
    ERROR: 'error',
    READY: 'ready'
});

/** The state before anything was read: the first page of each source is asked for. */
export function start(list) {
    return {
        list,
        held: {},
        asked: { names: list.sources, first: list.size, after: {}, before: {} }
    };
}

/** Ask for the next page of those of `names` that have one; the same state where none has. */
export function more(pages, names) {
    const open = names.filter((name) => pages.held[name]?.next);
    if (!open.length) {
        return pages;
    }
    const of = (what) => Object.fromEntries(open.map((name) => [name, pages.held[name][what]]));
    const asked = { names: open, first: pages.list.size, after: of('next'), before: of('rows') };
    return { ...pages, asked };
}

/** Ask for all that is loaded once more, in one piece; the same state where that is what was asked for last. */
export function again(pages) {
    const lengths = Object.values(pages.held).map((held) => held.rows.length);
    const first = Math.min(MOST, Math.max(pages.list.size, ...lengths));
    const { asked } = pages;
    if (asked.first === first && !Object.keys(asked.after).length) {
        return pages;
    }
    return { ...pages, asked: { names: pages.list.sources, first, after: {}, before: {} } };
}

/** The state with an answer to what is asked for. The same answer, or a newer one, may come any number of times. */
export function took(pages, connections) {
    const held = { ...pages.held };
    for (const name of pages.asked.names) {
        const connection = connections[name];
        const known = pages.held[name]?.rows ?? [];
        const found = joined(pages.asked.before[name], unchanged(known, rows(connection)));
        held[name] = {
            rows: found,
            next: found.length < MOST ? nextPage(connection) : null,
            total: connection?.totalCount ?? null
        };
    }
    return { ...pages, held, answered: pages.asked };
}

/** Whether an answer is still to come. */
export function isAsking(pages) {
    return pages.answered !== pages.asked;
}

/** Whether a source that was put together from pages is at its end and yet lacks rows. */
export function hasGap(pages) {
    return pages.asked.names.some((name) => {
        const { rows: held, next, total } = pages.held[name] ?? {};
        return pages.asked.after[name] && !next && held?.length < Math.min(total, MOST);
    });
}

/** A function that makes its result anew only when an argument is another one than last time. */
export function remembered(make) {
    let last;
    let made;
    return (...given) => {
        if (!last || given.some((one, index) => one !== last[index])) {
            last = given;
            made = make(...given);
        }
        return made;
    };
}

/** Rows that read as they did are the objects that they were: what shows them need not be made anew. */
function unchanged(known, found) {
    const byId = new Map(known.map((row) => [row.Id, row]));
    return found.map((row) => {
        const before = byId.get(row.Id);
        return before && JSON.stringify(before) === JSON.stringify(row) ? before : row;
    });
}

function joined(before = [], added) {
    const known = new Set(before.map((row) => row.Id));
    return [...before, ...added.filter((row) => !known.has(row.Id))];
}
