/**
 * What holds for the account as a whole: who follows it up, who spoke with the customer last, and how fresh this is.
 */
import { peopleOnIt } from 'c/arPeople';
import { ago, dayInWords, fill, instant, plural } from 'c/arWords';
import { INVOICES_READ } from './query';
import * as LABELS from './labels';

const HOUR_MS = 3_600_000;
const CONTACTS = {
    Call: LABELS.CONTACT_CALL,
    Email: LABELS.CONTACT_EMAIL,
    'Final Notice': LABELS.CONTACT_FINAL_NOTICE
};

/** Facts of the account: `{ label, text, detail?, hint?, isLate?, help? }`. */
export function standing(book) {
    const all = [finalNotice(book), lastContact(book), lastDunning(book), hold(book)];
    return all.filter(Boolean);
}

/**
 * The moment these figures are true of, and whether that is too long ago.
 *
 * True of: everything Dueline knew before `Caught_Up_At__c` stands here, so a quiet account is not a stale one.
 */
export function freshness({ summaries, sync }, staleAfterHours) {
    const caughtUp = sync?.Caught_Up_At__c ?? '';
    const moments = summaries.map(({ As_Of__c }) => later(As_Of__c ?? '', caughtUp));
    const asOf = moments.sort((a, b) => timeOf(a) - timeOf(b))[0];
    const isOld = !asOf || Date.now() - timeOf(asOf) > staleAfterHours * HOUR_MS;
    const words = asOf ? fill(LABELS.AS_OF, ago(asOf)) : LABELS.AS_OF_UNKNOWN;
    const problem = sync?.Problem__c;
    return {
        words,
        hint: instant(asOf),
        isStale: isOld || Boolean(problem),
        warning: problem ? fill(LABELS.STALE_PROBLEM, problem) : LABELS.STALE
    };
}

/** Who is on it, `{ text, detail?, look }`; undefined where nobody needs to be. */
export function followUp(book) {
    const named = people(book);
    if (!named.length) {
        return book.overdue.length ? { text: LABELS.NOBODY_YET, look: 'nobody' } : undefined;
    }
    const alone = book.overdue.filter((invoice) => !invoice.Assigned_To__c).length;
    const isPart = alone > 0 && alone < book.overdue.length && book.overdue.length < INVOICES_READ;
    return {
        text: named.join(', '),
        detail: isPart ? plural(alone, LABELS.UNASSIGNED_ONE, LABELS.UNASSIGNED_MANY) : undefined
    };
}

function people({ overdue, tasks }) {
    return peopleOnIt(overdue, tasks).map(({ name, isMe }) => {
        return isMe ? LABELS.YOU : (name ?? LABELS.SOMEBODY);
    });
}

function lastContact({ contacts, summaries }) {
    const when = (row) => row.Occurred_At__c ?? row.CreatedDate;
    const [last] = [...contacts].sort((a, b) => timeOf(when(b)) - timeOf(when(a)));
    if (!last) {
        // where nothing is owed, nobody needs to have spoken with anybody
        const isOwed = summaries.some(({ Outstanding__c }) => Outstanding__c > 0);
        return isOwed ? { label: LABELS.LAST_CONTACT, text: LABELS.NO_CONTACT } : undefined;
    }
    const who = last.By__c ?? last.System__c ?? last.CreatedBy?.Name;
    return {
        label: LABELS.LAST_CONTACT,
        text: fill(CONTACTS[last.Kind__c], who, ago(when(last))),
        hint: instant(when(last)),
        detail: last.Subject__c ?? undefined
    };
}

/** What the billing system sent or tried by itself: the customer may be about to answer that. */
function lastDunning({ dunning: [last] }) {
    if (!last) {
        return undefined;
    }
    const when = ago(last.Occurred_At__c);
    return {
        label: LABELS.LAST_DUNNING,
        text: last.System__c ? fill(LABELS.BY_WHEN, last.System__c, when) : when,
        hint: instant(last.Occurred_At__c),
        detail: last.Subject__c ?? undefined
    };
}

function hold({ account }) {
    return account.AR_On_Hold__c
        ? { label: LABELS.REMINDERS, text: LABELS.ON_HOLD, help: LABELS.ON_HOLD_HELP }
        : undefined;
}

function finalNotice({ account }) {
    const day = account.AR_Final_Notice_On__c;
    return day
        ? {
              label: LABELS.FINAL_NOTICE,
              text: fill(LABELS.FINAL_NOTICE_SENT, dayInWords(day)),
              isLate: true
          }
        : undefined;
}

function later(one, other) {
    return timeOf(one) > timeOf(other) ? one : other;
}

function timeOf(when) {
    return when ? Date.parse(when) : 0;
}
