/** What the customer contests: the category, the reason, and how much of each invoice. All are raised, or none. */
import { wire } from 'lwc';
import { getPicklistValues } from 'lightning/uiObjectInfoApi';
import ArForm from 'c/arForm';
import { writeTogether } from 'c/arWrites';
import CATEGORY from '@salesforce/schema/AR_Dispute__c.Category__c';
import { disputes, lines, named, savedWords } from './contest';
import LABEL_AMOUNT_LOW from '@salesforce/label/c.AR_Commitment_Amount_Low';
import LABEL_AMOUNT_STEP from '@salesforce/label/c.AR_Commitment_Amount_Step';
import LABEL_AMOUNTS from '@salesforce/label/c.AR_Dispute_Amounts';
import LABEL_CATEGORY from '@salesforce/label/c.AR_Dispute_Category';
import LABEL_INVOICES from '@salesforce/label/c.AR_Dispute_Invoices';
import LABEL_INVOICES_NONE from '@salesforce/label/c.AR_Dispute_Invoices_None';
import LABEL_LINK from '@salesforce/label/c.AR_Dispute_Link';
import LABEL_REASON from '@salesforce/label/c.AR_Dispute_Reason';
import LABEL_REASON_MISSING from '@salesforce/label/c.AR_Dispute_Reason_Missing';
import LABEL_REQUIRED from '@salesforce/label/c.AR_Form_Required';
import LABEL_SAVE_MANY from '@salesforce/label/c.AR_Dispute_Save_Many';
import LABEL_SAVE_ONE from '@salesforce/label/c.AR_Dispute_Save_One';
import { plural } from 'c/arWords';

export default class ArDisputeForm extends ArForm {
    objectName = 'AR_Dispute__c';
    label = {
        amounts: LABEL_AMOUNTS,
        category: LABEL_CATEGORY,
        invoices: LABEL_INVOICES,
        invoicesNone: LABEL_INVOICES_NONE,
        low: LABEL_AMOUNT_LOW,
        reason: LABEL_REASON,
        reasonMissing: LABEL_REASON_MISSING,
        required: LABEL_REQUIRED,
        step: LABEL_AMOUNT_STEP
    };
    categories = [];
    chosen;
    amounts = {};

    @wire(getPicklistValues, { recordTypeId: '$recordTypeId', fieldApiName: CATEGORY })
    wiredCategories({ data, error }) {
        if (data) {
            this.categories = data.values.map(({ label, value }) => ({ label, value }));
        } else if (error) {
            this.showRefused(error);
        }
    }

    get isLoading() {
        return !this.info || !this.chosen;
    }

    get isReady() {
        return Boolean(this.info);
    }

    get isUnready() {
        return !this.chosen?.length;
    }

    get lines() {
        return lines(this.chosen ?? [], this.amounts, this.info?.fields?.Disputed_Amount__c?.scale);
    }

    get hasLines() {
        return this.lines.length > 0;
    }

    get saveLabel() {
        return plural(this.chosen?.length || 1, LABEL_SAVE_ONE, LABEL_SAVE_MANY);
    }

    handleInvoices(event) {
        this.chosen = event.detail.rows;
    }

    handleAmount(event) {
        event.target.setCustomValidity?.('');
        this.amounts = { ...this.amounts, [event.target.dataset.id]: event.detail.value };
    }

    async write() {
        const { Category__c: category, Reason__c: reason } = this.values;
        const typed = { amounts: this.amounts, category, reason };
        const records = disputes(this.accountId, this.chosen, typed, this.isMultiCurrency);
        const operations = records.map((fields) => ({
            object: this.objectName,
            create: this.writeable(fields)
        }));
        const [recordId] = await writeTogether(operations);
        const single = this.chosen.length === 1 ? { recordId, link: LABEL_LINK } : {};
        return { title: savedWords(this.chosen), ...single };
    }

    showRefused(error) {
        super.showRefused(named(error, this.chosen ?? []));
    }
}
