/**
 * The form of an action, as a quick action of a record: of an account, or of whatever leads to one. On an invoice the
 * action is about that invoice.
 */
import { api, wire } from 'lwc';
import { CloseActionScreenEvent } from 'lightning/actions';
import { NavigationMixin } from 'lightning/navigation';
import { getFieldValue, getRecord } from 'lightning/uiRecordApi';
import ArRecord from 'c/arRecord';
import { isHidden, reasons } from 'c/arErrors';
import { toastSaved } from 'c/arToast';
import LABEL_CLOSE from '@salesforce/label/c.AR_Form_Close';
import LABEL_HIDDEN from '@salesforce/label/c.AR_Form_Hidden';
import LABEL_LOADING from '@salesforce/label/c.AR_Form_Loading';
import LABEL_NO_ACCOUNT from '@salesforce/label/c.AR_Form_No_Account';

const INVOICE = 'AR_Invoice__c';
const INVOICE_FIELDS = [
    'Name',
    'Key__c',
    'Number__c',
    'Balance__c',
    'Currency__c',
    'Due_On__c',
    'Overdue__c',
    'Disputed__c',
    'Assigned_To__c'
].map((field) => `${INVOICE}.${field}`);

export default class ArQuickAction extends NavigationMixin(ArRecord) {
    /** call, note, commitment, dispute, escalation, followUp or task. */
    @api action;
    /** Title of the panel. */
    @api header;

    label = { close: LABEL_CLOSE, loading: LABEL_LOADING };
    invoices;
    invoiceError;

    get invoiceId() {
        return this.objectApiName === INVOICE ? this.recordId : undefined;
    }

    @wire(getRecord, { recordId: '$invoiceId', fields: INVOICE_FIELDS })
    wiredInvoice({ data, error }) {
        this.invoiceError = error;
        if (data) {
            const fields = INVOICE_FIELDS.map((field) => [
                field.split('.')[1],
                getFieldValue(data, field)
            ]);
            this.invoices = [{ Id: this.recordId, ...Object.fromEntries(fields) }];
        }
    }

    get isReady() {
        return Boolean(this.accountId) && (!this.invoiceId || Boolean(this.invoices));
    }

    /** Why there is no form, in words. */
    get problem() {
        const error = this.recordError ?? this.invoiceError;
        if (error) {
            return isHidden(error) ? LABEL_HIDDEN : reasons(error).join(' ');
        }
        return this.accountId === null ? LABEL_NO_ACCOUNT : undefined;
    }

    async handleSaved(event) {
        await toastSaved(this, event.detail);
        this.handleClose();
    }

    handleClose() {
        this.dispatchEvent(new CloseActionScreenEvent());
    }
}
