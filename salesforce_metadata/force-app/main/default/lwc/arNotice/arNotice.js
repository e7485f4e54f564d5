import { LightningElement, api } from 'lwc';

const LOOKS = {
    quiet: { icon: 'utility:info', iconVariant: '' },
    warning: { icon: 'utility:warning', iconVariant: 'warning' },
    error: { icon: 'utility:error', iconVariant: 'error' }
};

/** One quiet sentence and the next step. Fires `action` when its button is pressed. */
export default class ArNotice extends LightningElement {
    /** The sentence. */
    @api text;
    /** Further sentences, such as what the platform answered. */
    @api details = [];
    /** Text of the button; no button without. */
    @api action;
    /** quiet, warning or error. */
    @api variant = 'quiet';

    get look() {
        return LOOKS[this.variant] ?? LOOKS.quiet;
    }

    get icon() {
        return this.look.icon;
    }

    get iconVariant() {
        return this.look.iconVariant;
    }

    /** A status, not an alert: it must not interrupt who listens to the page. */
    get role() {
        return this.variant === 'quiet' ? undefined : 'status';
    }

    get classes() {
        return `notice ${this.variant}`;
    }

    handleAction() {
        this.dispatchEvent(new CustomEvent('action'));
    }
}
