/**
 * How an account stands in one currency, in one sentence: what somebody reads who has two seconds.
 */
import { count, dayInWords, fill, money, plural } from 'c/arWords';
import LABEL_BROKEN from '@salesforce/label/c.AR_Panel_Broken';
import LABEL_DISPUTED from '@salesforce/label/c.AR_Panel_Disputed';
import LABEL_NOTHING_OVERDUE from '@salesforce/label/c.AR_Panel_Nothing_Overdue';
import LABEL_NOTHING_OWED from '@salesforce/label/c.AR_Panel_Nothing_Owed';
import LABEL_OLDEST_DAY from '@salesforce/label/c.AR_Panel_Oldest_Day';
import LABEL_OLDEST_DAYS from '@salesforce/label/c.AR_Panel_Oldest_Days';
import LABEL_OLDEST_SINCE from '@salesforce/label/c.AR_Panel_Oldest_Since';
import LABEL_ON_HOLD from '@salesforce/label/c.AR_Panel_Reminders_On_Hold';
import LABEL_OVERDUE from '@salesforce/label/c.AR_Panel_Overdue';
import LABEL_PARTLY_KEPT from '@salesforce/label/c.AR_Panel_Partly_Kept';
import LABEL_PROMISED from '@salesforce/label/c.AR_Panel_Promised';
import LABEL_PROMISED_ALL from '@salesforce/label/c.AR_Panel_Promised_All';
import LABEL_PROMISED_MANY from '@salesforce/label/c.AR_Panel_Promised_Many';
import LABEL_STOP from '@salesforce/label/c.AR_Panel_Full_Stop';

/** The sentence, for what `inCurrency` of c/arPanel/book gives. */
export function headline(part) {
    const { summary } = part;
    if (!(summary.Outstanding__c > 0)) {
        return LABEL_NOTHING_OWED;
    }
    const rest = [promised(part), missed(part), disputed(summary), held(part)].filter(Boolean);
    if (summary.Overdue__c > 0) {
        return [overdue(part), ...rest].join('; ');
    }
    const notDue = fill(LABEL_NOTHING_OVERDUE, whole(summary.Not_Due__c, summary));
    return fill(LABEL_STOP, [notDue, ...rest].join('; '));
}

function overdue({ summary, overdue: invoices }) {
    const amount = fill(LABEL_OVERDUE, whole(summary.Overdue__c, summary));
    const oldest = invoices[0]?.Days_Past_Due__c;
    if (oldest) {
        return `${amount}, ${plural(oldest, LABEL_OLDEST_DAY, LABEL_OLDEST_DAYS)}`;
    }
    // its invoices are not among the oldest that were read: another currency has older ones
    return summary.Oldest_Due_On__c
        ? `${amount}, ${fill(LABEL_OLDEST_SINCE, dayInWords(summary.Oldest_Due_On__c))}`
        : amount;
}

function promised({ summary, open }) {
    if (!open.length) {
        return undefined;
    }
    const [next] = open;
    const day = dayInWords(next.Promised_On__c);
    const amount = open.length === 1 ? next.Amount__c : summary.Promised__c;
    if (summary.Overdue__c > 0 && amount >= summary.Overdue__c && open.length === 1) {
        return fill(LABEL_PROMISED_ALL, day);
    }
    return open.length === 1
        ? fill(LABEL_PROMISED, whole(amount, summary), day)
        : fill(LABEL_PROMISED_MANY, whole(amount, summary), count(open.length), day);
}

/** A promise that was not kept counts as long as something is overdue. */
function missed({ summary, missed: commitment }) {
    if (!commitment || !(summary.Overdue__c > 0)) {
        return undefined;
    }
    const label = commitment.Kept_Amount__c > 0 ? LABEL_PARTLY_KEPT : LABEL_BROKEN;
    return fill(
        label,
        whole(commitment.Amount__c, summary),
        dayInWords(commitment.Promised_On__c),
        whole(commitment.Kept_Amount__c, summary)
    );
}

function disputed(summary) {
    return summary.Disputed__c > 0
        ? fill(LABEL_DISPUTED, whole(summary.Disputed__c, summary))
        : undefined;
}

function held({ overdue: invoices }) {
    return invoices.some((invoice) => invoice.On_Hold__c) ? LABEL_ON_HOLD : undefined;
}

function whole(amount, summary) {
    return money(amount, summary.Currency__c, { whole: true });
}
