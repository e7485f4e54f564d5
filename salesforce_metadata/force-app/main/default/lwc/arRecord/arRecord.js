/**
 * The account behind whatever record a component stands on: a base class for components of record pages.
 *
 * `recordId` and `objectApiName` come from the page. On an account the record is the account; on an opportunity, a
 * case, a contact or an AR record it is found through its lookup. Subclasses read `accountId` (undefined until known,
 * null where the record has no account) and `recordError`.
 */
import { LightningElement, api, wire } from 'lwc';
import { getFieldValue, getRecord } from 'lightning/uiRecordApi';

const ACCOUNT_FIELDS = {
    Opportunity: 'Opportunity.AccountId',
    Case: 'Case.AccountId',
    Contact: 'Contact.AccountId',
    AR_Summary__c: 'AR_Summary__c.Account__c',
    AR_Invoice__c: 'AR_Invoice__c.Account__c',
    AR_Payment__c: 'AR_Payment__c.Account__c',
    AR_Commitment__c: 'AR_Commitment__c.Account__c',
    AR_Dispute__c: 'AR_Dispute__c.Account__c',
    AR_Activity__c: 'AR_Activity__c.Account__c'
};

export default class ArRecord extends LightningElement {
    /** The record of the page. */
    @api recordId;
    /** Its object, such as Opportunity. */
    @api objectApiName;

    /** What hindered reading the record, if anything did. */
    recordError;
    _accountOfRecord;

    /** Id of the account; undefined until it is known, null where the record has none. */
    get accountId() {
        return this.objectApiName === 'Account' ? this.recordId : this._accountOfRecord;
    }

    get accountField() {
        const field = ACCOUNT_FIELDS[this.objectApiName];
        return field ? [field] : undefined;
    }

    @wire(getRecord, { recordId: '$recordId', fields: '$accountField' })
    wiredRecord({ data, error }) {
        this.recordError = error;
        if (data) {
            this._accountOfRecord = getFieldValue(data, ACCOUNT_FIELDS[this.objectApiName]) ?? null;
        }
    }
}
