/** Which invoices are chosen: plain functions behind the picker. */
import { money, dayInWords, fill } from 'c/arWords';
import LABEL_CHIP from '@salesforce/label/c.AR_Picker_Chip';
import LABEL_CHOICE from '@salesforce/label/c.AR_Picker_Choice';
import LABEL_CHOICE_LATE from '@salesforce/label/c.AR_Picker_Choice_Late';
import LABEL_CHOICE_UNDATED from '@salesforce/label/c.AR_Picker_Choice_Undated';

/** Invoices to start with: the given ones, or the overdue ones of the open list, the oldest first. */
export function initial(given, open, preset, max) {
    const rows = given?.length
        ? given
        : preset === 'overdue'
          ? open.filter((row) => row.Overdue__c)
          : [];
    return rows.slice(0, max);
}

/** The chosen invoices with one more, or with one less; of a picker of one invoice the new one takes its place. */
export function toggled(chosen, row, on, max) {
    const others = chosen.filter(({ Id }) => Id !== row.Id);
    if (!on) {
        return others;
    }
    return max === 1 ? [row] : [...others, row].slice(0, max);
}

/** How people call an invoice. */
export function nameOf(row) {
    return row.Number__c || row.Name || row.Id;
}

/** Chips of the chosen invoices. */
export function chips(chosen) {
    return chosen.map((row) => ({
        id: row.Id,
        label: fill(LABEL_CHIP, nameOf(row), money(row.Balance__c, row.Currency__c))
    }));
}

/** The open invoices as lines to tick. */
export function choices(open, chosen, max) {
    const ids = new Set(chosen.map(({ Id }) => Id));
    return open.map((row) => ({
        id: row.Id,
        label: lineOf(row),
        checked: ids.has(row.Id),
        disabled: max > 1 && ids.size >= max && !ids.has(row.Id)
    }));
}

/** What somebody typed, as a pattern of LIKE in which it stands for itself. */
export function likeOf(search) {
    return `%${search.trim().replace(/[\\%_]/g, '\\$&')}%`;
}

function lineOf(row) {
    const label = row.Overdue__c ? LABEL_CHOICE_LATE : LABEL_CHOICE;
    return fill(
        row.Due_On__c ? label : LABEL_CHOICE_UNDATED,
        nameOf(row),
        money(row.Balance__c, row.Currency__c),
        dayInWords(row.Due_On__c),
        row.Days_Past_Due__c
    );
}
