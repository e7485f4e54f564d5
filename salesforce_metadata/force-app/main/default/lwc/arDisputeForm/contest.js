/** What is contested: plain functions behind the form. */
import { fill, money, plural } from 'c/arWords';
import LABEL_CONTESTED from '@salesforce/label/c.AR_Dispute_Contested';
import LABEL_LINE from '@salesforce/label/c.AR_Dispute_Line';
import LABEL_MORE from '@salesforce/label/c.AR_Dispute_More_Than_Owed';
import LABEL_OF_INVOICE from '@salesforce/label/c.AR_Dispute_Of_Invoice';
import LABEL_SAVED_MANY from '@salesforce/label/c.AR_Dispute_Saved_Many';
import LABEL_SAVED_ONE from '@salesforce/label/c.AR_Dispute_Saved_One';
import { digitsOf } from 'c/arBalances';
import { reasons } from 'c/arErrors';

/** One line for each chosen invoice: how much of it is contested. `amounts` is what was typed, by invoice. */
export function lines(chosen, amounts, scale = 2) {
    return chosen.map((row) => {
        const amount = amounts[row.Id] ?? row.Balance__c;
        return {
            id: row.Id,
            label: fill(LABEL_LINE, nameOf(row), row.Currency__c),
            amount,
            step: String(10 ** -Math.min(digitsOf(row.Currency__c), scale)),
            hint: hintOf(row, amount)
        };
    });
}

/** The records to create, one for each invoice. */
export function disputes(accountId, chosen, { amounts, category, reason }, isMultiCurrency) {
    return chosen.map((row) => ({
        Account__c: accountId,
        Invoice__c: row.Id,
        Category__c: category,
        Disputed_Amount__c: Number(amounts[row.Id] ?? row.Balance__c),
        Reason__c: reason.trim(),
        ...(isMultiCurrency ? { CurrencyIsoCode: row.Currency__c } : {})
    }));
}

/** Refusals that belong to one of several invoices, each with the number of its invoice. */
export function named(error, chosen) {
    if (!Array.isArray(error?.errors) || chosen.length < 2) {
        return error;
    }
    const errors = error.errors.map((one) => {
        const row = chosen[one.index];
        const words = reasons([one]).join(' ');
        return row ? { message: fill(LABEL_OF_INVOICE, nameOf(row), words) } : one;
    });
    return { errors };
}

/** What was saved, in words. */
export function savedWords(chosen) {
    return chosen.length === 1
        ? fill(LABEL_SAVED_ONE, nameOf(chosen[0]))
        : plural(chosen.length, LABEL_SAVED_MANY, LABEL_SAVED_MANY);
}

function nameOf(row) {
    return row.Number__c || row.Name || row.Id;
}

function hintOf(row, amount) {
    if (row.Disputed__c > 0) {
        return fill(LABEL_CONTESTED, money(row.Disputed__c, row.Currency__c));
    }
    return Number(amount) > row.Balance__c
        ? fill(LABEL_MORE, money(row.Balance__c, row.Currency__c))
        : undefined;
}
