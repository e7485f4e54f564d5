// The details of a record by its page layout, and a form to change what the user may change. A field that they may not
// change says whose it is in its help text.
import { api, LightningElement, wire } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getRecord, updateRecord } from 'lightning/uiRecordApi';
import { recordCell, recordFields } from 'platform/fields';
import { declared } from 'platform/package';
import { refusals } from 'platform/refusals';

export default class Detail extends LightningElement {
    @api recordId;
    @api objectApiName;

    /** Nothing but the form: saving or leaving it closes it. */
    @api
    get isForm() {
        return this.onlyForm;
    }
    set isForm(value) {
        this.onlyForm = Boolean(value);
        this.isEditing = Boolean(value);
    }

    isEditing = false;
    isSaving = false;
    changes = {};
    errors = [];
    fieldErrors = {};

    @wire(getObjectInfo, { objectApiName: '$objectApiName' })
    info;

    @wire(getRecord, { recordId: '$recordId', optionalFields: '$fields' })
    record;

    get layout() {
        return declared.layouts[this.objectApiName]?.sections || [];
    }

    get fields() {
        const names = this.layout.flatMap((section) => section.columns.flat());
        return this.info?.data ? recordFields(this.info.data, names) : undefined;
    }

    get isReady() {
        return Boolean(this.record?.data && this.info?.data);
    }

    get sections() {
        return this.layout
            .map((section, key) => ({
                key,
                label: section.label,
                columns: section.columns.map((names, number) => ({
                    number,
                    rows: this.rows(names)
                }))
            }))
            .filter((section) => section.columns.some((column) => column.rows.length));
    }

    rows(names) {
        return names.filter((name) => this.record.data.fields[name]).map((name) => this.row(name));
    }

    row(name) {
        const field = this.info.data.fields[name];
        const cell = recordCell(this.info.data, this.record.data, name);
        const isOpen = this.isEditing && field.updateable;
        return {
            name,
            cell: cell.isName ? { ...cell, kind: 'text' } : cell,
            field,
            isOpen,
            isLocked: this.isEditing && !isOpen,
            value: name in this.changes ? this.changes[name] : cell.value,
            errors: this.fieldErrors[name]
        };
    }

    get canEdit() {
        return !this.isEditing && this.info.data.updateable;
    }

    handleEdit() {
        this.stop();
        this.isEditing = true;
    }

    handleCancel() {
        this.stop();
        this.dispatchEvent(new CustomEvent('close'));
    }

    stop() {
        this.isEditing = this.onlyForm;
        this.changes = {};
        this.errors = [];
        this.fieldErrors = {};
    }

    handleChange(event) {
        const { name, value } = event.detail;
        this.changes = { ...this.changes, [name]: value };
    }

    async handleSave() {
        const editors = [...this.template.querySelectorAll('shell-field-editor')];
        if (!editors.map((editor) => editor.reportValidity()).every(Boolean)) {
            return;
        }
        this.isSaving = true;
        try {
            await updateRecord({ fields: { Id: this.recordId, ...this.changes } });
            this.dispatchEvent(new ShowToastEvent({ title: 'Saved', variant: 'success' }));
            this.handleCancel();
        } catch (error) {
            Object.assign(this, refusals(error.body));
        }
        this.isSaving = false;
    }
}
