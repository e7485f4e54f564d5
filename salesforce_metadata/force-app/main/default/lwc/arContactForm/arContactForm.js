/** Log a call, an e-mail or a final notice, or write a note: what came of it, when, and about which invoice. */
import { api, wire } from 'lwc';
import { createRecord } from 'lightning/uiRecordApi';
import { getPicklistValues } from 'lightning/uiObjectInfoApi';
import ArForm from 'c/arForm';
import KIND from '@salesforce/schema/AR_Activity__c.Kind__c';
import { activity, isFuture, kindsOf, savedWords } from './contact';
import LABEL_ABOUT from '@salesforce/label/c.AR_Contact_About';
import LABEL_ABOUT_NONE from '@salesforce/label/c.AR_Contact_About_None';
import LABEL_BODY from '@salesforce/label/c.AR_Contact_Body';
import LABEL_FUTURE from '@salesforce/label/c.AR_Contact_Future';
import LABEL_KIND from '@salesforce/label/c.AR_Contact_Kind';
import LABEL_LINK from '@salesforce/label/c.AR_Contact_Link';
import LABEL_NOTE from '@salesforce/label/c.AR_Contact_Note';
import LABEL_OUTCOME from '@salesforce/label/c.AR_Contact_Outcome';
import LABEL_OUTCOME_MISSING from '@salesforce/label/c.AR_Contact_Outcome_Missing';
import LABEL_SAVE from '@salesforce/label/c.AR_Form_Save';
import LABEL_TIME from '@salesforce/label/c.AR_Contact_Time';
import LABEL_WHEN from '@salesforce/label/c.AR_Contact_When';

export default class ArContactForm extends ArForm {
    /** The kind to start with; a note has no choice of kinds. */
    @api kind = 'Call';

    objectName = 'AR_Activity__c';
    label = {
        about: LABEL_ABOUT,
        aboutNone: LABEL_ABOUT_NONE,
        body: LABEL_BODY,
        kind: LABEL_KIND,
        missing: LABEL_OUTCOME_MISSING,
        save: LABEL_SAVE,
        time: LABEL_TIME,
        when: LABEL_WHEN
    };
    one = 1;
    kinds = [];
    chosen = [];
    opened = new Date().toISOString();

    @wire(getPicklistValues, { recordTypeId: '$recordTypeId', fieldApiName: KIND })
    wiredKinds({ data, error }) {
        if (data) {
            this.kinds = kindsOf(data);
        } else if (error) {
            this.showRefused(error);
        }
    }

    get isLoading() {
        return !this.info;
    }

    get isReady() {
        return Boolean(this.info);
    }

    get isNote() {
        return this.kind === 'Note';
    }

    get hasKinds() {
        return !this.isNote && this.kinds.length > 0;
    }

    get otherKinds() {
        return this.kinds.filter(({ value }) => value !== 'Note');
    }

    get chosenKind() {
        return this.values.Kind__c ?? this.kind;
    }

    get subjectLabel() {
        return this.isNote ? LABEL_NOTE : LABEL_OUTCOME;
    }

    get at() {
        return this.values.Occurred_At__c ?? this.opened;
    }

    /** The one invoice that was chosen on the page; a call about several is about none in particular. */
    get given() {
        return this.invoices?.length === 1 ? this.invoices : undefined;
    }

    handleInvoices(event) {
        this.chosen = event.detail.rows;
    }

    isValid() {
        const future = isFuture(this.values.Occurred_At__c, new Date().toISOString());
        const when = this.fieldElements.find(({ dataset }) => dataset.field === 'Occurred_At__c');
        when?.setCustomValidity?.(future ? LABEL_FUTURE : '');
        return super.isValid() && !future;
    }

    async write() {
        const { Subject__c: subject, Body__c: body, Occurred_At__c: at } = this.values;
        const kind = this.chosenKind;
        const fields = activity(
            this.accountId,
            { kind, subject, body, at, invoiceId: this.chosen[0]?.Id },
            new Date().toISOString()
        );
        const { id } = await createRecord({
            apiName: this.objectName,
            fields: this.writeable(fields)
        });
        const kindLabel = this.kinds.find(({ value }) => value === kind)?.label ?? kind;
        return { title: savedWords(kindLabel, subject), recordId: id, link: LABEL_LINK };
    }
}
