// One field of a form, by its data type.
import { api, LightningElement, wire } from 'lwc';
import { getPicklistValues } from 'lightning/uiObjectInfoApi';
import { labelOf } from 'platform/fields';

const MASTER = '012000000000000AAA'; // the record type of objects that have none
const INPUTS = {
    Date: { type: 'date' },
    DateTime: { type: 'datetime' },
    Boolean: { type: 'checkbox' },
    Currency: { type: 'number', step: '0.01' },
    Double: { type: 'number', step: 'any' },
    Percent: { type: 'number', step: 'any' },
    Int: { type: 'number', step: '1' },
    Phone: { type: 'tel' },
    Email: { type: 'email' },
    Url: { type: 'url' },
    String: { type: 'text' }
};

export default class FieldEditor extends LightningElement {
    @api field;
    @api objectApiName;
    @api value;

    @api
    get error() {
        return this.refusal;
    }
    set error(message) {
        this.refusal = message;
        this.isTold = false;
    }

    @api
    reportValidity() {
        return this.template.querySelector('[data-input]').reportValidity();
    }

    @wire(getPicklistValues, { recordTypeId: MASTER, fieldApiName: '$picklistField' })
    picklist;

    get picklistField() {
        return this.isPicklist ? `${this.objectApiName}.${this.field.apiName}` : undefined;
    }

    get isPicklist() {
        return this.field.dataType === 'Picklist';
    }

    get isReference() {
        return this.field.dataType === 'Reference' && this.field.referenceToInfos.length === 1;
    }

    get isText() {
        return this.field.dataType === 'TextArea';
    }

    get label() {
        return labelOf(this.field);
    }

    get isBoolean() {
        return this.field.dataType === 'Boolean';
    }

    get target() {
        return this.field.referenceToInfos[0].apiName;
    }

    get options() {
        const values = this.picklist?.data?.values || [];
        const none = this.field.required ? [] : [{ label: '--None--', value: '' }];
        return [...none, ...values.map(({ label, value }) => ({ label, value }))];
    }

    get input() {
        return INPUTS[this.field.dataType] || INPUTS.String;
    }

    get step() {
        return this.input.step;
    }

    renderedCallback() {
        if (!this.isTold) {
            this.isTold = true;
            const input = this.template.querySelector('[data-input]');
            input?.setCustomValidity?.(this.refusal || '');
            if (this.refusal) {
                input?.reportValidity?.();
            }
        }
    }

    handleChange(event) {
        const { detail, target } = event;
        const given = this.isBoolean ? target.checked : (detail.recordId ?? detail.value ?? null);
        const isNumber = this.input.type === 'number' && given !== '' && given !== null;
        const value = isNumber ? Number(given) : given;
        this.dispatchEvent(
            new CustomEvent('fieldchange', {
                detail: { name: this.field.apiName, value: value === '' ? null : value }
            })
        );
    }
}
