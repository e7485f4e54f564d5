/**
 * The order in which to act on accounts, as one pure function of what is known about them.
 *
 * First what makes an account stand where it does, the most pressing reason: a promise that was not kept, somebody who
 * asks me to step in, a final notice, what is overdue with nothing promised, a promise for the coming days (nothing to do
 * but to see whether it is kept, so it stands after what waits for somebody), a dispute that waits, a task that is due. Among accounts with the same reason: amount × age. Accounts that somebody else is on come
 * last, so that no two people chase the same customer.
 *
 * Amounts of two currencies cannot be compared any more than they can be added. So an amount counts by how big it is
 * among the amounts of its own currency: as a multiple of the median one. No rate is needed, and a million yen do not
 * outrank everything.
 */
import { peopleOnIt } from 'c/arPeople';
import { daysBetween } from 'c/arWords';
import { total } from 'c/arBalances';

/** Reasons, the most pressing first. */
export const ORDER = [
    'broken',
    'escalated',
    'finalNotice',
    'overdue',
    'promised',
    'dispute',
    'task'
];
const MISSED = new Set(['Broken', 'Partly Kept']);

/**
 * The accounts to act on, in order.
 *
 * @param {object} facts rows as the query gives them: summaries, commitments, disputes, assigned, escalations, tasks
 * @param {string} me id of the person
 * @param {string} today `YYYY-MM-DD`
 * @returns {object[]} `{ id, name, owner, owed, reasons, people, isOthers }` each
 */
export function ranked(facts, me, today) {
    const accounts = known(facts);
    const median = medians(facts.summaries);
    return [...accounts.values()]
        .map((account) => ({
            ...account,
            reasons: reasonsOf(account, me, today),
            people: peopleOnIt(account.assigned, account.tasks),
            weight: weightOf(account, median, today)
        }))
        .filter(({ reasons }) => reasons.length)
        .map((account) => ({ ...account, isOthers: isOthers(account.people) }))
        .sort(inOrder);
}

/** Promises for the coming days of accounts, the nearest first. */
export function comingPromises(facts) {
    return facts.commitments.filter(isOpen).sort(byDay);
}

/** Promises that were not kept and still want an answer, the latest first. */
export function brokenPromises(facts) {
    return [...known(facts).values()].flatMap(brokenOf).sort((one, other) => byDay(other, one));
}

/** What is left of a promise. */
export function leftOf({ Amount__c: amount, Kept_Amount__c: kept, Currency__c: currency }) {
    return total([amount, -(kept ?? 0)], currency);
}

function known({ summaries, commitments, disputes, assigned, escalations, tasks }) {
    const accounts = new Map();
    const at = (id, name) => {
        const account = accounts.get(id) ?? empty(id);
        account.name ??= name;
        accounts.set(id, account);
        return account;
    };
    for (const row of summaries) {
        const account = at(row.Account__c, row.Account__r?.Name);
        account.owed.push(row);
        account.owner ??= row.Account__r?.Owner?.Name;
        account.finalNoticeOn ??= row.Account__r?.AR_Final_Notice_On__c;
    }
    commitments.forEach((row) => at(row.Account__c, row.Account__r?.Name).commitments.push(row));
    disputes.forEach((row) => at(row.Account__c, row.Account__r?.Name).disputes.push(row));
    escalations.forEach((row) => at(row.Account__c, row.Account__r?.Name).escalations.push(row));
    tasks.forEach((row) => at(row.AccountId, row.Account?.Name).tasks.push(row));
    assigned.forEach((row) => accounts.get(row.Account__c)?.assigned.push(row));
    accounts.delete(null);
    return accounts;
}

function empty(id) {
    return {
        id,
        owed: [],
        commitments: [],
        disputes: [],
        escalations: [],
        tasks: [],
        assigned: []
    };
}

function reasonsOf(account, me, today) {
    return [
        ...brokenOf(account).map((row) => ({ kind: 'broken', row })),
        ...account.escalations.map((row) => ({ kind: 'escalated', row })),
        ...finalNotice(account),
        ...unpromised(account),
        ...account.commitments.filter(isOpen).map((row) => ({ kind: 'promised', row })),
        ...account.disputes.map((row) => ({ kind: 'dispute', row })),
        ...dueTasks(account, me, today)
    ];
}

/** A promise not kept is an answer owed while something is overdue, until a newer promise is made. */
function brokenOf({ commitments, owed }) {
    return commitments.filter((row) => {
        const summary = owed.find(({ Currency__c }) => Currency__c === row.Currency__c);
        const isAnswered = commitments.some(
            (other) =>
                isOpen(other) &&
                other.Currency__c === row.Currency__c &&
                other.Promised_On__c > row.Promised_On__c
        );
        return MISSED.has(row.Status__c) && summary?.Overdue__c > 0 && !isAnswered;
    });
}

function finalNotice({ finalNoticeOn: on }) {
    return on ? [{ kind: 'finalNotice', on }] : [];
}

/** What is overdue in currencies in which nothing is promised; `isAll` where that is all that is overdue. */
function unpromised({ owed }) {
    const late = owed.filter((row) => row.Overdue__c > 0);
    const rows = late.filter((row) => !(row.Promised__c > 0));
    const [since] = rows.map((row) => row.Oldest_Due_On__c).sort();
    return rows.length
        ? [{ kind: 'overdue', rows, since, isAll: rows.length === late.length }]
        : [];
}

function dueTasks({ tasks }, me, today) {
    const due = tasks.filter(
        ({ OwnerId, ActivityDate }) => OwnerId === me && ActivityDate && ActivityDate <= today
    );
    return due.length ? [{ kind: 'task', count: due.length, on: due[0].ActivityDate }] : [];
}

function isOpen({ Status__c }) {
    return Status__c === 'Open';
}

function byDay(one, other) {
    return one.Promised_On__c.localeCompare(other.Promised_On__c);
}

function isOthers(people) {
    return people.length > 0 && !people.some(({ isMe }) => isMe);
}

function medians(summaries) {
    const found = new Map();
    for (const { Currency__c: currency, Overdue__c: overdue } of summaries) {
        if (overdue > 0) {
            found.set(currency, [...(found.get(currency) ?? []), overdue]);
        }
    }
    return new Map([...found].map(([currency, amounts]) => [currency, middle(amounts)]));
}

function middle(amounts) {
    const sorted = [...amounts].sort((one, other) => one - other);
    return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** The heaviest of the account's currencies; a day counts from the first one on. */
function weightOf({ owed }, median, today) {
    const weights = owed
        .filter((row) => row.Overdue__c > 0)
        .map((row) => {
            const age = Math.max(1, daysBetween(row.Oldest_Due_On__c ?? today, today));
            return (row.Overdue__c / median.get(row.Currency__c)) * age;
        });
    return Math.max(0, ...weights);
}

function inOrder(one, other) {
    return (
        Number(one.isOthers) - Number(other.isOthers) ||
        ORDER.indexOf(one.reasons[0].kind) - ORDER.indexOf(other.reasons[0].kind) ||
        other.weight - one.weight ||
        (one.name ?? '').localeCompare(other.name ?? '')
    );
}
