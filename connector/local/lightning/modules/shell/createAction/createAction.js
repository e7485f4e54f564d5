// A declarative "create a record" quick action: the fields of its layout, filled in as it says, for the record at hand.
import { api, LightningElement, wire } from 'lwc';
import { CloseActionScreenEvent } from 'lightning/actions';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { createRecord, getFieldValue, getRecord } from 'lightning/uiRecordApi';
import { orgToday } from 'platform/clock';
import { refusals } from 'platform/refusals';

const MOMENTS = { 'NOW()': () => new Date().toISOString(), 'TODAY()': orgToday };

export default class CreateAction extends LightningElement {
    @api action;
    @api recordId;
    @api objectApiName;

    given = {};
    errors = [];
    fieldErrors = {};
    isSaving = false;

    @wire(getObjectInfo, { objectApiName: '$target' })
    info;

    @wire(getRecord, { recordId: '$recordId', optionalFields: '$sources' })
    record;

    connectedCallback() {
        this.opened = Object.fromEntries(Object.entries(MOMENTS).map(([name, at]) => [name, at()]));
    }

    get target() {
        return this.action.target;
    }

    get preset() {
        return this.action.fields.preset;
    }

    get sources() {
        const named = this.preset.map((each) => each.source).filter(Boolean);
        return named.length ? named : undefined;
    }

    get values() {
        const filled = this.preset.map((each) => [each.field, this.presetValue(each)]);
        return { ...Object.fromEntries(filled), ...this.given };
    }

    presetValue({ literal, moment, source }) {
        return source ? getFieldValue(this.record?.data, source) : (literal ?? this.opened[moment]);
    }

    get rows() {
        const fields = this.info?.data?.fields || {};
        return this.action.fields.shown
            .filter(({ name }) => fields[name]?.createable)
            .map(({ name, required }) => ({
                field: { ...fields[name], required: required || fields[name].required },
                value: this.values[name],
                error: this.fieldErrors[name]
            }));
    }

    handleChange(event) {
        this.given = { ...this.given, [event.detail.name]: event.detail.value };
    }

    handleCancel() {
        this.dispatchEvent(new CloseActionScreenEvent());
    }

    async handleSave() {
        const editors = [...this.template.querySelectorAll('shell-field-editor')];
        if (!editors.map((editor) => editor.reportValidity()).every(Boolean)) {
            return;
        }
        this.isSaving = true;
        try {
            const { parentField, told } = this.action;
            const parent = parentField ? { [parentField]: this.recordId } : {};
            await createRecord({ apiName: this.target, fields: { ...this.values, ...parent } });
            const title = told || `${this.info.data.label} created`;
            this.dispatchEvent(new ShowToastEvent({ title, variant: 'success' }));
            this.handleCancel();
        } catch (error) {
            Object.assign(this, refusals(error.body));
        }
        this.isSaving = false;
    }
}
