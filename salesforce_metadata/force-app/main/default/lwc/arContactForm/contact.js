/** What a logged contact is: plain functions behind the form. */
import { fill } from 'c/arWords';
import LABEL_DONE from '@salesforce/label/c.AR_Contact_Saved';

/** The kinds of activity that a person logs; everything else Dueline writes. */
export const KINDS = ['Call', 'Email', 'Note', 'Final Notice'];

/** The kinds that this org knows, in its words. */
export function kindsOf(picklist) {
    const values = picklist?.values ?? [];
    return KINDS.flatMap((kind) => values.filter(({ value }) => value === kind)).map(
        ({ value, label }) => ({ value, label })
    );
}

/** The record to create. `at` is left out where it was not changed: then it is the moment of saving. */
export function activity(accountId, { kind, subject, body, at, invoiceId }, now) {
    return {
        Account__c: accountId,
        Kind__c: kind,
        Subject__c: subject.trim(),
        Body__c: body?.trim() || null,
        Occurred_At__c: at || now,
        Invoice__c: invoiceId ?? null
    };
}

/** Whether a moment is still to come; a minute is let pass, since clocks differ. */
export function isFuture(at, now) {
    return Boolean(at) && Date.parse(at) > Date.parse(now) + 60_000;
}

/** What was saved, in words. */
export function savedWords(kindLabel, subject) {
    return fill(LABEL_DONE, kindLabel, subject.trim());
}
