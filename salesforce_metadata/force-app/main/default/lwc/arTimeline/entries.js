/**
 * Rows of each source (see sources.js) as entries of the timeline, in words.
 *
 * An entry: `{ id, object, kind, kindLabel, title, body, who, system, day, at, instant, whenInFull, amount, badges,
 * facts, links }`. `instant`: ISO text, a day where the time is not known; `at`: its milliseconds, -Infinity for a day.
 */
import LABEL_BANK_DEBIT from '@salesforce/label/c.AR_Timeline_Bank_Debit';
import LABEL_BANK_TRANSFER from '@salesforce/label/c.AR_Timeline_Bank_Transfer';
import LABEL_BY_METHOD from '@salesforce/label/c.AR_Timeline_By_Method';
import LABEL_CHARGED_BACK from '@salesforce/label/c.AR_Timeline_Charged_Back';
import LABEL_DISPUTED from '@salesforce/label/c.AR_Timeline_Disputed';
import LABEL_DONE from '@salesforce/label/c.AR_Timeline_Done';
import LABEL_DUE from '@salesforce/label/c.AR_Timeline_Due';
import LABEL_ESCALATED_TO from '@salesforce/label/c.AR_Timeline_Escalated_To';
import LABEL_FOR_INVOICES from '@salesforce/label/c.AR_Timeline_For_Invoices';
import LABEL_NO_SUBJECT from '@salesforce/label/c.AR_Timeline_No_Subject';
import LABEL_PAID from '@salesforce/label/c.AR_Timeline_Paid';
import LABEL_PAYMENT from '@salesforce/label/c.AR_Timeline_Payment';
import LABEL_PROMISED from '@salesforce/label/c.AR_Timeline_Promised';
import LABEL_PROMISED_NO_DAY from '@salesforce/label/c.AR_Timeline_Promised_No_Day';
import LABEL_REFUND from '@salesforce/label/c.AR_Timeline_Refund';
import LABEL_REFUNDED from '@salesforce/label/c.AR_Timeline_Refunded';
import LABEL_REFUNDED_SINCE from '@salesforce/label/c.AR_Timeline_Refunded_Since';
import LABEL_RESOLUTION from '@salesforce/label/c.AR_Timeline_Resolution';
import LABEL_SLA from '@salesforce/label/c.AR_Timeline_SLA_Breached';
import { dayInFull, dayInWords, dayOf, fill, instant, money } from 'c/arWords';
import { kindInWords } from './kinds';

const HERE = 'Salesforce';
const SERVICE = 'Dueline';
const SUCCEEDED = 'Succeeded';

const MAKERS = {
    activity,
    undated: activity,
    contact: activity,
    payment,
    commitment,
    dispute,
    openTask: (row) => ({ ...task(row), ...at(row.CreatedDate) }),
    doneTask: (row) => ({
        ...task(row),
        ...at(row.CompletedDateTime ?? row.CreatedDate),
        title: fill(LABEL_DONE, row.Subject || LABEL_NO_SUBJECT)
    })
};
const made = new WeakMap();

/** The entries of a source. */
export function entriesOf(source, rows) {
    return rows.map((row) => entryOf(source, row));
}

/** The entry of a row; the same object for the same row. */
export function entryOf(source, row) {
    if (!made.has(row)) {
        const entry = { id: row.Id, badges: [], facts: [], links: [], ...MAKERS[source](row) };
        made.set(row, { ...entry, kindLabel: kindInWords(entry.kind) });
    }
    return made.get(row);
}

function activity(row) {
    const escalatedTo = row.Escalated_To__r?.Name ?? row.Escalated_Team__c;
    return {
        ...at(row.Occurred_At__c ?? row.CreatedDate),
        object: 'AR_Activity__c',
        kind: row.Kind__c ?? 'Note',
        title: row.Subject__c || LABEL_NO_SUBJECT,
        body: row.Body__c,
        who: row.By__c ?? (row.System__c ? null : row.Owner?.Name),
        system: row.System__c ?? HERE,
        amount: money(row.Amount__c, row.Currency__c),
        facts: some(escalatedTo && fill(LABEL_ESCALATED_TO, escalatedTo)),
        links: some(
            linkTo('AR_Invoice__c', row.Invoice__r),
            linkTo('AR_Commitment__c', row.Commitment__r),
            linkTo('AR_Dispute__c', row.Dispute__r)
        )
    };
}

function payment(row) {
    const isRefund = row.Kind__c === 'Refund';
    const done = isRefund ? LABEL_REFUNDED : LABEL_PAID;
    const notDone = isRefund ? LABEL_REFUND : LABEL_PAYMENT;
    const amount = money(row.Amount__c, row.Currency__c);
    const since = (label, value) => value > 0 && fill(label, money(value, row.Currency__c));
    return {
        day: row.Paid_On__c ?? '',
        at: -Infinity,
        instant: row.Paid_On__c,
        whenInFull: dayInFull(row.Paid_On__c),
        object: 'AR_Payment__c',
        kind: 'Payment',
        title: fill(row.Status__c === SUCCEEDED ? done : notDone, amount),
        system: row.Billing_System__c,
        badges: row.Status__c === SUCCEEDED ? [] : some(badge(row.statusLabel)),
        facts: some(
            row.Original_Amount__c,
            row.Method__c && fill(LABEL_BY_METHOD, methodInWords(row.Method__c)),
            !row.Invoice__r && row.Invoices__c && fill(LABEL_FOR_INVOICES, row.Invoices__c),
            since(LABEL_REFUNDED_SINCE, row.Refunded__c),
            since(LABEL_CHARGED_BACK, row.Charged_Back__c)
        ),
        links: some(linkTo('AR_Invoice__c', row.Invoice__r))
    };
}

/** What billing systems call ways to pay, where nobody else would. */
const METHODS = {
    acss_debit: LABEL_BANK_DEBIT,
    au_becs_debit: LABEL_BANK_DEBIT,
    bacs_debit: LABEL_BANK_DEBIT,
    customer_balance: LABEL_BANK_TRANSFER,
    sepa_debit: LABEL_BANK_DEBIT,
    us_bank_account: LABEL_BANK_DEBIT
};

function methodInWords(method) {
    return METHODS[method] ?? method.replaceAll('_', ' ');
}

function commitment(row) {
    const amount = money(row.Amount__c, row.Currency__c ?? row.Invoice__r?.Currency__c);
    const label = row.Promised_On__c ? LABEL_PROMISED : LABEL_PROMISED_NO_DAY;
    return {
        ...at(row.CreatedDate),
        object: 'AR_Commitment__c',
        kind: 'Commitment',
        title: fill(label, amount, dayInWords(row.Promised_On__c)),
        body: row.Note__c,
        who: row.CreatedBy?.Name,
        system: HERE,
        badges: some(badge(row.statusLabel)),
        facts: some(row.Invoices__c && fill(LABEL_FOR_INVOICES, row.Invoices__c)),
        links: some(linkTo('AR_Commitment__c', row), linkTo('AR_Invoice__c', row.Invoice__r))
    };
}

function dispute(row) {
    const currency = row.Currency__c ?? row.Invoice__r?.Currency__c;
    const resolution = row.Resolution__c && fill(LABEL_RESOLUTION, row.Resolution__c);
    return {
        ...at(row.CreatedDate),
        object: 'AR_Dispute__c',
        kind: 'Dispute',
        title: fill(LABEL_DISPUTED, money(row.Disputed_Amount__c, currency), row.categoryLabel),
        body: some(row.Reason__c, resolution).join('\n'),
        who: row.CreatedBy?.Name,
        system: HERE,
        badges: some(badge(row.statusLabel), row.SLA_Breached__c && badge(LABEL_SLA, true)),
        links: some(linkTo('AR_Dispute__c', row), linkTo('AR_Invoice__c', row.Invoice__r))
    };
}

function task(row) {
    const isOpen = !row.IsClosed;
    return {
        object: 'Task',
        kind: 'Task',
        title: row.Subject || LABEL_NO_SUBJECT,
        body: some(row.AR_Outcome__c, row.Description).join('\n'),
        who: row.Owner?.Name,
        system: SERVICE,
        badges: some(badge(row.statusLabel)),
        facts: some(isOpen && row.ActivityDate && fill(LABEL_DUE, dayInWords(row.ActivityDate)))
    };
}

function at(when) {
    return {
        at: Date.parse(when),
        day: dayOf(when),
        instant: when,
        whenInFull: instant(when)
    };
}

function linkTo(object, parent) {
    return parent?.Id && { id: parent.Id, object, label: parent.Name };
}

function badge(label, isBad = false) {
    return label && { label, classes: isBad ? 'badge bad' : 'badge' };
}

function some(...parts) {
    return parts.filter(Boolean);
}
