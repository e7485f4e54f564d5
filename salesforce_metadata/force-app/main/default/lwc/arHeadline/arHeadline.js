/** How an account stands in one currency, in one sentence: a heading, so that it is found without reading the page. */
import { LightningElement, api } from 'lwc';

const TONES = {
    calm: { icon: 'utility:success', variant: 'success' },
    late: { icon: 'utility:warning', variant: 'warning' },
    grave: { icon: 'utility:error', variant: 'error' }
};

export default class ArHeadline extends LightningElement {
    /** The sentence. */
    @api text;
    /** How serious it is: calm, late or grave. */
    @api tone;

    get icon() {
        return TONES[this.tone];
    }

    get look() {
        return `headline headline_${this.tone}`;
    }
}
