/**
 * What the forms of receivables have in common, as a base class.
 *
 * A form names its object, shows fields that carry `data-field`, and says in `write()` what saving does. Here is the
 * rest: saving once, refusals at the field they belong to or at the top, nothing typed ever lost, fields that somebody
 * may not write disabled with the reason, and the others on the page told.
 *
 * Forms wait for the answer before they close, because the platform may refuse a field (a validation rule of the org,
 * a picklist, access), and what was typed has to be there still to be put right.
 */
import { LightningElement, api, wire } from 'lwc';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { fieldErrors, isHidden, reasons } from 'c/arErrors';
import { tellChanged } from 'c/arLive';
import LABEL_HIDDEN from '@salesforce/label/c.AR_Form_Hidden';
import LABEL_LOCKED from '@salesforce/label/c.AR_Form_Locked';

export default class ArForm extends LightningElement {
    @api accountId;
    @api accountName;
    /** Chosen invoices, as rows; none for those that the form takes by itself. */
    @api invoices;

    /** API name of the object that the form writes. */
    objectName;
    /** What the person typed, by API name. */
    values = {};
    /** What was refused and belongs to no field. */
    problems = [];
    saving = false;
    /** Metadata of the object, as this person may see it; undefined until it is known. */
    info;
    /** Why the person cannot use the form at all, in words. */
    blocked;
    _focused = false;

    @wire(getObjectInfo, { objectApiName: '$objectName' })
    wiredInfo({ data, error }) {
        if (data) {
            this.info = data;
            this.blocked = data.createable || data.updateable ? undefined : LABEL_HIDDEN;
        } else if (error) {
            this.blocked = isHidden(error) ? LABEL_HIDDEN : reasons(error).join(' ');
        }
    }

    renderedCallback() {
        const first = this.template.querySelector('[data-focus]');
        if (first && !this._focused) {
            this._focused = true;
            // The dialog focuses its own heading in the frame after it was rendered; the first field comes after that.
            // eslint-disable-next-line @lwc/lwc/no-async-operation
            requestAnimationFrame(() => requestAnimationFrame(() => this.focusOn(first)));
        }
    }

    /** Whoever was quicker and types already is left where they are. */
    focusOn(field) {
        if (!this.template.activeElement) {
            field.focus?.();
        }
    }

    /** Which fields the person may not write. */
    get locked() {
        const fields = Object.entries(this.info?.fields ?? {});
        return Object.fromEntries(fields.map(([name, { createable }]) => [name, !createable]));
    }

    /** Help of each field: what it is, or who keeps it. */
    get help() {
        const fields = Object.entries(this.info?.fields ?? {});
        return Object.fromEntries(
            fields.map(([name, field]) => [
                name,
                field.createable ? field.inlineHelpText : LABEL_LOCKED
            ])
        );
    }

    /** Whether amounts carry their own currency in this org. */
    get isMultiCurrency() {
        return Boolean(this.info?.fields?.CurrencyIsoCode);
    }

    /** The record type whose picklist values count. */
    get recordTypeId() {
        return this.info?.defaultRecordTypeId;
    }

    /** Keep what was typed, and take back what was said about it. */
    handleField(event) {
        const field = event.target;
        field.setCustomValidity?.('');
        this.values = { ...this.values, [field.dataset.field]: event.detail.value };
    }

    handleCancel() {
        this.dispatchEvent(new CustomEvent('cancel'));
    }

    async handleSave() {
        if (!this.saving && this.isValid()) {
            await this.save(() => this.write());
        }
    }

    /**
     * Do something that writes, once; then tell everybody, or show what was refused.
     *
     * @param {function(): Promise<import('c/arToast').Done>} write
     */
    async save(write) {
        this.busy(true);
        this.problems = [];
        try {
            const done = await write();
            tellChanged(this.accountId);
            this.dispatchEvent(new CustomEvent('saved', { detail: done }));
        } catch (error) {
            this.showRefused(error);
        } finally {
            this.busy(false);
        }
    }

    /** Only those values that the person may write. */
    writeable(fields) {
        return Object.fromEntries(Object.entries(fields).filter(([name]) => !this.locked[name]));
    }

    /** Whether all fields are filled in as they should; says at the field what is missing. */
    isValid() {
        const wrong = this.fieldElements.filter((field) => field.reportValidity?.() === false);
        wrong[0]?.focus?.();
        return !wrong.length;
    }

    get fieldElements() {
        return [...this.template.querySelectorAll('[data-field]')];
    }

    /** Each refusal at the field it belongs to; what belongs to none at the top. */
    showRefused(error) {
        const refused = fieldErrors(error);
        const placed = this.fieldElements.filter(({ dataset }) => refused[dataset.field]);
        for (const field of placed) {
            field.setCustomValidity?.(refused[field.dataset.field]);
            field.reportValidity?.();
        }
        placed[0]?.focus?.();
        const shown = new Set(placed.map(({ dataset }) => refused[dataset.field]));
        this.problems = reasons(error).filter((reason) => !shown.has(reason));
    }

    busy(saving) {
        this.saving = saving;
        this.dispatchEvent(new CustomEvent('busy', { detail: saving }));
    }
}
