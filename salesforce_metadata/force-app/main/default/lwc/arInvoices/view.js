/**
 * Invoices as they are read on the screen, and what a selection of them comes to.
 */
import LABEL_DAY from '@salesforce/label/c.AR_Invoices_Day';
import LABEL_DAYS from '@salesforce/label/c.AR_Invoices_Days';
import LABEL_NO_DUE_DATE from '@salesforce/label/c.AR_Invoices_No_Due_Date';
import LABEL_NOT_DUE from '@salesforce/label/c.AR_Invoices_Not_Due';
import LABEL_PAID_ON from '@salesforce/label/c.AR_Invoices_Paid_On';
import LABEL_PAY from '@salesforce/label/c.AR_Invoices_Pay_Label';
import LABEL_PDF from '@salesforce/label/c.AR_Invoices_PDF_Label';
import LABEL_SELECT from '@salesforce/label/c.AR_Invoices_Select';
import LABEL_SELECTED from '@salesforce/label/c.AR_Invoices_Selected';
import { dayInFull, dayInWords, fill, money, plural } from 'c/arWords';

const THOUSANDTHS = 1000; // no currency has more than three digits: whole numbers add up exactly
const made = new WeakMap();

/** A row (of c/arRows) in words; the same object for the same row, so that a screen knows what did not change. */
export function viewOf(row, isSelected = false) {
    if (!made.has(row)) {
        const words = view(row);
        made.set(row, [
            { ...words, isSelected: false },
            { ...words, isSelected: true }
        ]);
    }
    return made.get(row)[Number(isSelected)];
}

function view(row) {
    const isOpen = row.Status__c === 'Open';
    const number = row.Number__c || row.Name;
    return {
        id: row.Id,
        number,
        isOpen,
        due: dayInWords(row.Due_On__c) || LABEL_NO_DUE_DATE,
        dueInFull: dayInFull(row.Due_On__c),
        late: isOpen ? lateness(row) : '',
        lateClasses: row.Overdue__c ? 'cell late' : 'cell',
        amount: money(row.Amount__c, row.Currency__c),
        original: row.Original_Amount__c,
        balance: money(row.Balance__c, row.Currency__c),
        status: row.statusLabel || row.Status__c,
        // what most are is not said on a card
        statusClasses: row.Status__c === 'Open' && !row.On_Hold__c ? 'cell usual' : 'cell',
        statusTitle: row.Paid_On__c ? fill(LABEL_PAID_ON, dayInFull(row.Paid_On__c)) : '',
        promised: dayInWords(row.Promised_On__c),
        promisedInFull: dayInFull(row.Promised_On__c),
        disputed: row.Disputed__c ? money(row.Disputed__c, row.Currency__c) : '',
        isOnHold: Boolean(row.On_Hold__c),
        assigned: row.Assigned_To__r?.Name ?? '',
        pay: isOpen ? link(row.Pay_URL__c, LABEL_PAY, number) : undefined,
        pdf: link(row.PDF_URL__c, LABEL_PDF, number),
        select: fill(LABEL_SELECT, number)
    };
}

function lateness(row) {
    return row.Overdue__c ? plural(row.Days_Past_Due__c, LABEL_DAY, LABEL_DAYS) : LABEL_NOT_DUE;
}

/** A link to the outside; none for an address that a browser would not open as a page. */
function link(address, label, number) {
    let url;
    try {
        url = new URL(address);
    } catch {
        return undefined;
    }
    const isPage = url.protocol === 'https:' || url.protocol === 'http:';
    return isPage ? { url: url.href, label: fill(label, number) } : undefined;
}

/** "3 selected: $12,300.00, €40.00": what is owed on some rows, each currency by itself. */
export function selectionInWords(rows) {
    const sums = new Map();
    for (const { Balance__c: balance, Currency__c: currency } of rows) {
        const thousandths = Math.round((balance ?? 0) * THOUSANDTHS);
        sums.set(currency, (sums.get(currency) ?? 0) + thousandths);
    }
    const amounts = [...sums].map(([currency, sum]) => money(sum / THOUSANDTHS, currency));
    return fill(LABEL_SELECTED, rows.length, amounts.join(', '));
}

/**
 * A selection (rows by id) after the list was read again: chosen rows as they read now. A row that was on the list
 * before and is not on it now, because it was paid for example, is chosen no longer.
 */
export function reselected(selection, before, now) {
    const fresh = new Map(now.map((row) => [row.Id, row]));
    const gone = new Set(before.map((row) => row.Id).filter((id) => !fresh.has(id)));
    return new Map(
        [...selection]
            .filter(([id]) => !gone.has(id))
            .map(([id, row]) => [id, fresh.get(id) ?? row])
    );
}
