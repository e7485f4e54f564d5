/**
 * The answer to the panel's question as plain rows, sorted by what they mean.
 */
import { row, rows } from 'c/arRows';

const MISSED = ['Broken', 'Partly Kept'];
const NOT_SEEN = new Set(['As_Of__c', 'Caught_Up_At__c']);

/** Everything the panel knows of one account; `account` undefined where this person may not see it. */
export function bookOf({ uiapi: { query } }) {
    const [first] = query.Account?.edges ?? [];
    const [newest] = rows(query.newest);
    const [sync] = rows(query.AR_Sync__c);
    return {
        account: first && row(first.node),
        summaries: rows(query.AR_Summary__c),
        overdue: rows(query.AR_Invoice__c),
        commitments: rows(query.AR_Commitment__c),
        disputes: rows(query.AR_Dispute__c),
        contacts: rows(query.contacts),
        dunning: rows(query.dunning),
        tasks: rows(query.Task),
        newest,
        sync
    };
}

/** A text that differs where something to be seen on the page differs: being checked again is not a difference. */
export function fingerprint(book) {
    return JSON.stringify({ ...book, sync: undefined }, seenOnly);
}

/** The part of the book that is in the currency of one summary. */
export function inCurrency(book, summary) {
    const here = (one) => currencyOf(one, book.summaries) === summary.Currency__c;
    const commitments = book.commitments.filter(here);
    return {
        summary,
        overdue: book.overdue.filter(here),
        disputes: book.disputes.filter(here),
        // the query gives the latest first
        open: commitments.filter(({ Status__c }) => !MISSED.includes(Status__c)).reverse(),
        missed: commitments.find(({ Status__c }) => MISSED.includes(Status__c))
    };
}

/**
 * The currency of a row. On a row that a person made a moment ago Dueline has not filled it in yet: then it is the
 * currency of its invoice, or the account's only one. Undefined where neither tells: nothing is guessed.
 */
function currencyOf({ Currency__c, Invoice__r }, summaries) {
    const only = summaries.length === 1 ? summaries[0].Currency__c : undefined;
    return Currency__c ?? Invoice__r?.Currency__c ?? only;
}

function seenOnly(name, value) {
    return NOT_SEEN.has(name) ? undefined : value;
}
