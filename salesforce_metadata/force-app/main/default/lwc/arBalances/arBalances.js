/**
 * Exact sums of amounts that people see, each currency for itself.
 *
 * Amounts reach the browser as decimal numbers. They are added as whole units of the smallest coin, so that a sum never
 * shows 0.30000000000000004, and never across two currencies.
 */

/** Digits after the point that a currency has: 2 for USD, 0 for JPY, 3 for KWD. */
export function digitsOf(currency) {
    if (!currency) {
        return 2;
    }
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.resolvedOptions().maximumFractionDigits;
}

/** The sum of amounts in one currency; what is empty counts as nothing. */
export function total(amounts, currency) {
    const coins = 10 ** digitsOf(currency);
    return (
        amounts.reduce((sum, amount) => sum + Math.round(Number(amount ?? 0) * coins), 0) / coins
    );
}

/**
 * Rows by the currency they are in, in the order of the currency codes.
 *
 * @param {object[]} rows with `Currency__c`
 * @param {function(object): number} amountOf what to add up of a row
 * @returns {{currency: string, amount: number, rows: object[]}[]}
 */
export function byCurrency(rows, amountOf = (row) => row.Balance__c) {
    const found = new Map();
    for (const row of rows) {
        found.set(row.Currency__c, [...(found.get(row.Currency__c) ?? []), row]);
    }
    return [...found]
        .sort(([one], [other]) => String(one).localeCompare(String(other)))
        .map(([currency, held]) => ({
            currency,
            amount: total(held.map(amountOf), currency),
            rows: held
        }));
}
