/** What an escalation is: plain functions behind the form. */
import { fill } from 'c/arWords';
import LABEL_A_PERSON from '@salesforce/label/c.AR_Escalation_A_Person';
import LABEL_A_TEAM from '@salesforce/label/c.AR_Escalation_A_Team';
import LABEL_SUBJECT from '@salesforce/label/c.AR_Escalation_Subject';
import LABEL_SUBJECT_UNNAMED from '@salesforce/label/c.AR_Escalation_Subject_Unnamed';

export const PERSON = 'person';
export const TEAMS = 'team';

/** Whom one finds: people who can still sign in, by name or e-mail, shown with their title. */
export const FINDING = {
    filter: { criteria: [{ fieldPath: 'IsActive', operator: 'eq', value: true }] },
    display: { primaryField: 'Name', additionalFields: ['Title'] },
    matching: { primaryField: { fieldPath: 'Name' }, additionalFields: [{ fieldPath: 'Email' }] }
};

/** Whom one can ask, teams first: they answer when a person is away. */
export function targets(hasTeams) {
    const person = { label: LABEL_A_PERSON, value: PERSON };
    return hasTeams ? [{ label: LABEL_A_TEAM, value: TEAMS }, person] : [person];
}

/** The record to create. */
export function escalation(accountId, { team, personId, name }, reason, invoiceId, now) {
    return {
        Account__c: accountId,
        Kind__c: 'Escalation',
        Subject__c: name ? fill(LABEL_SUBJECT, name).slice(0, 255) : LABEL_SUBJECT_UNNAMED,
        Body__c: reason.trim(),
        Occurred_At__c: now,
        Invoice__c: invoiceId ?? null,
        ...(team ? { Escalated_Team__c: team } : { Escalated_To__c: personId })
    };
}
