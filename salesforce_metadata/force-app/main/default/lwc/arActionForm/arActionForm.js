/** The form of an action, by its name, so that a dialog and a quick action show the same one. */
import { LightningElement, api } from 'lwc';

export default class ArActionForm extends LightningElement {
    /** call, note, commitment, dispute, escalation, followUp or task. */
    @api action;
    @api accountId;
    @api accountName;
    @api invoices;

    get isContact() {
        return this.action === 'call' || this.action === 'note';
    }

    get kind() {
        return this.action === 'note' ? 'Note' : 'Call';
    }

    get isCommitment() {
        return this.action === 'commitment';
    }

    get isDispute() {
        return this.action === 'dispute';
    }

    get isEscalation() {
        return this.action === 'escalation';
    }

    get isFollowUp() {
        return this.action === 'followUp';
    }

    get isTask() {
        return this.action === 'task';
    }

    /** Events of the form are events of this component: saved, cancel, busy. */
    relay(event) {
        this.dispatchEvent(new CustomEvent(event.type, { detail: event.detail }));
    }
}
