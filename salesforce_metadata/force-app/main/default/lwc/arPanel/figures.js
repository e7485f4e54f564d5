/**
 * The figures of one account in one currency, as `c-ar-figures` shows them.
 *
 * Every amount is as Salesforce has it; nothing is added up here.
 */
import { ago, dayInFull, dayInWords, fill, money, plural, today } from 'c/arWords';
import { inCurrency } from './book';
import { headline } from './headline';
import * as LABELS from './labels';

/** One view for each currency of the account. */
export function figures(book) {
    return book.summaries.map((summary) => {
        const part = inCurrency(book, summary);
        const currency = summary.Currency__c;
        return {
            key: summary.Id,
            currency,
            title: book.summaries.length > 1 ? fill(LABELS.IN_CURRENCY, currency) : undefined,
            headline: headline(part),
            tone: toneOf(part, book.account),
            buckets: summary.Outstanding__c > 0 ? buckets(summary) : [],
            measures: measures(summary),
            facts: facts(part)
        };
    });
}

function toneOf({ summary, missed }, account) {
    if (!(summary.Overdue__c > 0)) {
        return 'calm';
    }
    const isGrave = summary.Bucket_Over_90__c > 0 || missed || account.AR_Final_Notice_On__c;
    return isGrave ? 'grave' : 'late';
}

/** In the order and with the names of AR_Invoice__c.Bucket__c. */
function buckets(summary) {
    return [
        { name: 'Not due', label: LABELS.NOT_DUE, amount: summary.Not_Due__c },
        { name: '1-30', label: LABELS.DAYS_1_30, amount: summary.Bucket_1_30__c },
        { name: '31-60', label: LABELS.DAYS_31_60, amount: summary.Bucket_31_60__c },
        { name: '61-90', label: LABELS.DAYS_61_90, amount: summary.Bucket_61_90__c },
        { name: 'Over 90', label: LABELS.DAYS_OVER_90, amount: summary.Bucket_Over_90__c }
    ];
}

function measures(summary) {
    const amount = (value) => money(value, summary.Currency__c, { whole: true });
    const more = [
        summary.Unapplied_Credit__c > 0 && {
            label: LABELS.CREDIT,
            text: amount(summary.Unapplied_Credit__c),
            help: LABELS.CREDIT_HELP
        },
        summary.Written_Off__c > 0 && {
            label: LABELS.WRITTEN_OFF,
            text: amount(summary.Written_Off__c),
            help: LABELS.WRITTEN_OFF_HELP
        }
    ];
    return [...owed(summary, amount), ...habits(summary, amount), ...more.filter(Boolean)];
}

/** Where nothing is owed the headline says so, and these would be three zeros. */
function owed(summary, amount) {
    if (!(summary.Outstanding__c > 0)) {
        return [];
    }
    return [
        {
            label: LABELS.OUTSTANDING,
            text: amount(summary.Outstanding__c),
            detail: plural(summary.Open_Invoices__c ?? 0, LABELS.INVOICE, LABELS.INVOICES)
        },
        {
            label: LABELS.OVERDUE,
            text: amount(summary.Overdue__c),
            detail: plural(summary.Overdue_Invoices__c ?? 0, LABELS.INVOICE, LABELS.INVOICES),
            isLate: summary.Overdue__c > 0
        },
        { label: LABELS.NOT_DUE, text: amount(summary.Not_Due__c) }
    ];
}

/** How this customer pays. */
function habits(summary, amount) {
    const all = [
        {
            label: LABELS.COLLECTED,
            text: amount(summary.Collected_12_Months__c),
            help: fill(LABELS.COLLECTED_HELP, amount(summary.Collected__c))
        },
        lastPayment(summary, amount),
        days(LABELS.DAYS_LATE, summary.Average_Days_Late__c, LABELS.DAYS_LATE_HELP),
        days(LABELS.DSO_RATIO, summary.DSO_Ratio__c, LABELS.DSO_RATIO_HELP),
        days(LABELS.DSO_COUNT_BACK, summary.DSO_Count_Back__c, LABELS.DSO_COUNT_BACK_HELP)
    ];
    return summary.Outstanding__c > 0 ? all : all.slice(0, 3); // DSO of nothing is no figure
}

function days(label, number, help) {
    const isUnknown = number === null || number === undefined;
    const text = isUnknown ? LABELS.NOT_KNOWN : plural(number, LABELS.DAY, LABELS.DAYS);
    return { label, text, help, isUnknown };
}

function lastPayment({ Last_Payment_On__c, Last_Payment_Amount__c }, amount) {
    return Last_Payment_On__c
        ? {
              label: LABELS.LAST_PAYMENT,
              text: amount(Last_Payment_Amount__c),
              detail: ago(Last_Payment_On__c),
              hint: dayInFull(Last_Payment_On__c)
          }
        : { label: LABELS.LAST_PAYMENT, text: LABELS.NO_PAYMENT, isUnknown: true };
}

function facts(part) {
    const all = [commitment(part), disputes(part), original(part)];
    return all.filter(Boolean);
}

function commitment({ summary, open, missed }) {
    const next = open[0] ?? missed;
    if (!next) {
        return undefined;
    }
    const amount = money(next.Amount__c, summary.Currency__c, { whole: true });
    return {
        label: open.length ? LABELS.NEXT_COMMITMENT : LABELS.LAST_COMMITMENT,
        text: fill(LABELS.AMOUNT_BY, amount, dayInWords(next.Promised_On__c)),
        hint: dayInFull(next.Promised_On__c),
        detail: next.Problem__c ?? stateOf(next, summary),
        isLate: Boolean(next.Problem__c) || next === missed
    };
}

function stateOf({ Status__c, Kept_Amount__c, Promised_On__c }, { Currency__c }) {
    const kept = money(Kept_Amount__c, Currency__c, { whole: true });
    if (Status__c === 'Broken' || Status__c === 'Partly Kept') {
        return Kept_Amount__c > 0 ? fill(LABELS.STATE_PARTLY_KEPT, kept) : LABELS.STATE_BROKEN;
    }
    if (Kept_Amount__c > 0) {
        return fill(LABELS.STATE_PAID_SO_FAR, kept);
    }
    // the day has passed, and Dueline has not judged the promise yet
    return Promised_On__c < today() ? LABELS.STATE_DAY_PASSED : LABELS.STATE_OPEN;
}

function disputes({ summary, disputes: open }) {
    if (!open.length) {
        return undefined;
    }
    const late = open.filter((dispute) => dispute.SLA_Breached__c).length;
    const amount = money(contested(summary, open), summary.Currency__c, { whole: true });
    const number = plural(open.length, LABELS.DISPUTE, LABELS.DISPUTES);
    return {
        label: LABELS.OPEN_DISPUTES,
        text: amount ? `${number}, ${amount}` : number,
        detail: late ? plural(late, LABELS.SLA_BREACH, LABELS.SLA_BREACHES) : undefined,
        isLate: late > 0
    };
}

/** What the summary says; a single dispute that was raised a moment ago is not in it yet. */
function contested(summary, open) {
    if (summary.Disputed__c > 0 || open.length > 1) {
        return summary.Disputed__c || undefined;
    }
    return open[0].Disputed_Amount__c ?? open[0].Invoice__r?.Balance__c;
}

/** Where the org has one currency and the invoices are in others: what was really owed. */
function original({ summary }) {
    return summary.Original_Amounts__c
        ? { label: LABELS.ORIGINAL, text: summary.Original_Amounts__c }
        : undefined;
}
