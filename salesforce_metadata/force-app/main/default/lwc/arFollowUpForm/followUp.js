/**
 * Who follows invoices up, and what changes when somebody takes it or gives it back: plain functions behind the form.
 *
 * Being on it is written in two places that have to agree: the invoice says who is assigned, and the open follow-up
 * task of that invoice is that person's. A follow-up knows its invoice by its key, `due:<key of the invoice>:<day>`; one
 * for a broken promise (`broken:…`) belongs to the account.
 */
import { count as showCount, fill, plural } from 'c/arWords';
import LABEL_FREE_MANY from '@salesforce/label/c.AR_FollowUp_Free_Many';
import LABEL_FREE_ONE from '@salesforce/label/c.AR_FollowUp_Free_One';
import LABEL_MINE_MANY from '@salesforce/label/c.AR_FollowUp_Mine_Many';
import LABEL_MINE_ONE from '@salesforce/label/c.AR_FollowUp_Mine_One';
import LABEL_SOMEBODY from '@salesforce/label/c.AR_FollowUp_Somebody';
import LABEL_THEIRS_MANY from '@salesforce/label/c.AR_FollowUp_Theirs_Many';
import LABEL_THEIRS_ONE from '@salesforce/label/c.AR_FollowUp_Theirs_One';

const IN_PROGRESS = 'In Progress';
const NOT_STARTED = 'Not Started';
/** Dueline shortens keys of tasks to 100 characters: of a longer name these many stay, and a digest follows. */
const WHOLE_NAME = 87;
const SHORTENED_NAME = 70;

/** Who is on how many of the invoices, with whoever is not me first. */
export function people(invoices, me) {
    const found = new Map();
    for (const row of invoices) {
        const id = row.Assigned_To__c ?? null;
        const person = found.get(id) ?? { id, name: row.Assigned_To__r?.Name, count: 0 };
        found.set(id, { ...person, count: person.count + 1 });
    }
    return [...found.values()].sort((one, other) => rank(one, me) - rank(other, me));
}

/** Who is on it now, a sentence for each person. */
export function sentences(invoices, me) {
    return people(invoices, me).map(({ id, name, count }) => ({
        id: id ?? 'nobody',
        isOther: id !== null && id !== me,
        text: sentence(id, name, count, me)
    }));
}

/** The invoices as they are once they are taken, or given back. */
export function pretended(invoices, assigned) {
    return invoices.map((row) => ({ ...row, Assigned_To__c: assigned, Assigned_To__r: null }));
}

/** What to write so that everything is mine: a list of operations for each invoice, and one for broken promises. */
export function taking(invoices, tasks, me) {
    const mine = (task) => takingTask(task, me);
    const ofInvoices = invoices.map((row) => [
        ...(row.Assigned_To__c === me
            ? []
            : [update('AR_Invoice__c', row.Id, { Assigned_To__c: me })]),
        ...tasks.filter(isOf(row)).flatMap(mine)
    ]);
    return some([...ofInvoices, tasks.filter(isOfPromise).flatMap(mine)]);
}

/**
 * What to write so that nothing of it is mine: invoices that I am on and my tasks go back to the account's owner. Tasks
 * for broken promises are about the account, so they go back only where all of it is given back (`whole`).
 */
export function giving(invoices, tasks, me, ownerId, whole) {
    const back = ({ Id }) => update('Task', Id, { OwnerId: ownerId, Status: NOT_STARTED });
    const mine = tasks.filter(({ OwnerId }) => OwnerId === me);
    const ofInvoices = invoices
        .filter((row) => row.Assigned_To__c === me)
        .map((row) => [
            update('AR_Invoice__c', row.Id, { Assigned_To__c: null }),
            ...mine.filter(isOf(row)).map(back)
        ]);
    return some([...ofInvoices, whole ? mine.filter(isOfPromise).map(back) : []]);
}

function takingTask({ Id, OwnerId, Status }, me) {
    const isMine = OwnerId === me && Status === IN_PROGRESS;
    return isMine ? [] : [update('Task', Id, { OwnerId: me, Status: IN_PROGRESS })];
}

/** Others first: they are whom one has to know of. */
function rank({ id }, me) {
    if (id === null) {
        return 2;
    }
    return id === me ? 1 : 0;
}

function sentence(id, name, count, me) {
    if (id === null) {
        return plural(count, LABEL_FREE_ONE, LABEL_FREE_MANY);
    }
    if (id === me) {
        return plural(count, LABEL_MINE_ONE, LABEL_MINE_MANY);
    }
    const words = count === 1 ? LABEL_THEIRS_ONE : LABEL_THEIRS_MANY;
    return fill(words, name ?? LABEL_SOMEBODY, showCount(count));
}

function isOf({ Key__c: key }) {
    const name = key.length > WHOLE_NAME ? `${key.slice(0, SHORTENED_NAME)}~` : `${key}:`;
    return (task) => task.AR_Key__c.startsWith(`due:${name}`);
}

function isOfPromise(task) {
    return task.AR_Key__c.startsWith('broken:');
}

function update(object, id, fields) {
    return { object, id, update: fields };
}

function some(lists) {
    return lists.filter((list) => list.length);
}
