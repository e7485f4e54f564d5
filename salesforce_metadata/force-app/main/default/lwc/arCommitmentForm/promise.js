/** What a promise to pay is about: plain functions behind the form. */
import { byCurrency, total } from 'c/arBalances';
import { dayInWords, fill, money } from 'c/arWords';
import LABEL_SAVED from '@salesforce/label/c.AR_Commitment_Saved';

/**
 * The currencies that the promise can be in: of the chosen invoices, else of what is open, else the org's own.
 */
export function currenciesOf(chosen, open, own) {
    const found = chosen.length ? [...new Set(chosen.map((row) => row.Currency__c))].sort() : open;
    return found.length ? found : [own];
}

/**
 * The part of the chosen invoices that a promise in one currency is about, and what is owed on it.
 *
 * @returns {{rows: object[], owed: number, overdue: number}}
 */
export function covered(chosen, currency) {
    const found = byCurrency(chosen).find((group) => group.currency === currency);
    const rows = found?.rows ?? [];
    const late = rows.filter((row) => row.Overdue__c);
    return {
        rows,
        owed: found?.amount ?? 0,
        overdue: total(
            late.map((row) => row.Balance__c),
            currency
        )
    };
}

/** The amount to start with: what is overdue on the invoices, else all that is owed on them. */
export function amountOf({ overdue, owed }) {
    return overdue || owed || undefined;
}

/** The record to create. The first invoice is a lookup, further ones are told by number. */
export function commitment(accountId, { amount, day, note, currency, rows }, isMultiCurrency) {
    const [first, ...further] = rows;
    return {
        Account__c: accountId,
        Amount__c: Number(amount),
        Promised_On__c: day,
        Invoice__c: first?.Id ?? null,
        Invoices__c: further.map((row) => row.Number__c || row.Name).join('\n') || null,
        Note__c: note?.trim() || null,
        ...(isMultiCurrency ? { CurrencyIsoCode: currency } : {})
    };
}

/** What was saved, in words. */
export function savedWords(amount, currency, day) {
    return fill(LABEL_SAVED, money(amount, currency, { whole: true }), dayInWords(day));
}
