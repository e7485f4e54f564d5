/** The frame of a form: what was refused, the fields, and its buttons. Enter in a field saves. */
import { LightningElement, api } from 'lwc';
import LABEL_CANCEL from '@salesforce/label/c.AR_Form_Cancel';
import LABEL_LOADING from '@salesforce/label/c.AR_Form_Loading';
import LABEL_REFUSED from '@salesforce/label/c.AR_Form_Refused';
import LABEL_SAVING from '@salesforce/label/c.AR_Form_Saving';

export default class ArFormFrame extends LightningElement {
    /** Words of the button that saves. */
    @api saveLabel;
    /** Whether it is saving just now. */
    @api saving = false;
    /** Whether there is nothing to save. */
    @api unready = false;
    /** Whether the fields are still being read. */
    @api loading = false;
    /** Why the form cannot be used, in words. */
    @api blocked;
    /** What was refused, in words. */
    @api problems = [];

    label = {
        cancel: LABEL_CANCEL,
        loading: LABEL_LOADING,
        refused: LABEL_REFUSED,
        saving: LABEL_SAVING
    };

    fieldsStyle = '';

    get hasProblems() {
        return this.problems?.length > 0;
    }

    get cannotSave() {
        return this.saving || this.unready || this.loading;
    }

    /**
     * Keep the buttons where they are while somebody presses one: the field they leave takes its message away, the
     * form becomes shorter, and the press would end beside the button.
     */
    handlePress() {
        this.fieldsStyle = `min-block-size: ${this.refs.fields.offsetHeight}px`;
    }

    handleSubmit(event) {
        event.preventDefault();
        if (!this.cannotSave) {
            this.dispatchEvent(new CustomEvent('save'));
        }
    }

    handleCancel() {
        this.dispatchEvent(new CustomEvent('cancel'));
    }
}
