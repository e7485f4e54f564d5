import { LightningElement, api } from 'lwc';
import LABEL_AMOUNT from '@salesforce/label/c.AR_Timeline_Amount';
import LABEL_LESS from '@salesforce/label/c.AR_Timeline_Show_Less';
import LABEL_MORE from '@salesforce/label/c.AR_Timeline_Show_More';
import { ago } from 'c/arWords';

const ICONS = {
    Call: 'standard:log_a_call',
    Note: 'standard:note',
    Email: 'standard:email',
    Escalation: 'standard:incident',
    Commitment: 'standard:date_input',
    Dispute: 'standard:case',
    Task: 'standard:task',
    Payment: 'standard:currency',
    'Write-Off': 'standard:record_delete',
    Hold: 'standard:waits',
    Dunning: 'standard:send_log',
    'Final Notice': 'standard:announcement'
};

/** One entry of the timeline, as arTimeline/entries.js makes them. */
export default class ArTimelineEntry extends LightningElement {
    @api entry;
    /** The time that "ago" is said from; when it changes it is said anew. */
    @api now;

    isOpen = false;
    isLong = false;
    labels = { amount: LABEL_AMOUNT };

    _observer;

    /** Whether the text is cut depends on the room there is, so it is looked at whenever that changes. */
    renderedCallback() {
        const { body } = this.refs;
        if (body && !this._observer) {
            this._observer = new ResizeObserver(() => this.measure());
            this._observer.observe(body);
        }
    }

    disconnectedCallback() {
        this._observer?.disconnect();
        this._observer = undefined;
    }

    get icon() {
        return ICONS[this.entry.kind] ?? 'standard:record';
    }

    get when() {
        return this.now && ago(this.entry.instant);
    }

    get bodyClasses() {
        return this.isOpen ? 'text' : 'text cut';
    }

    get toggleText() {
        return this.isOpen ? LABEL_LESS : LABEL_MORE;
    }

    get expanded() {
        return String(this.isOpen);
    }

    measure() {
        const { body } = this.refs;
        if (body && !this.isOpen) {
            this.isLong = body.scrollHeight > body.clientHeight + 1;
        }
    }

    handleToggle() {
        this.isOpen = !this.isOpen;
    }
}
