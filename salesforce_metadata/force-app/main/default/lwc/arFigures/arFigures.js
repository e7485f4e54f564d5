/**
 * The receivables of one account in one currency: how it stands in words, the aging, the measures, what is going on.
 */
import { LightningElement, api } from 'lwc';

const TONES = {
    calm: { icon: 'utility:success', variant: 'success' },
    late: { icon: 'utility:warning', variant: 'warning' },
    grave: { icon: 'utility:error', variant: 'error' }
};

export default class ArFigures extends LightningElement {
    /** What `figures` of c/arPanel/figures makes: headline, tone, buckets, measures and facts of one currency. */
    @api view;
    /** Name of the bucket whose invoices are shown on the page, if one was chosen. */
    @api selected;

    get tone() {
        return TONES[this.view.tone];
    }

    get headlineClass() {
        return `headline headline_${this.view.tone}`;
    }

    get measures() {
        return this.view.measures.map((measure) => ({
            ...measure,
            look: measure.isLate ? 'value value_late' : 'value'
        }));
    }

    /** The bar of which currency it was is for the panel to say. */
    tellBucket({ detail: { bucket } }) {
        const detail = { bucket, currency: this.view.currency };
        this.dispatchEvent(new CustomEvent('bucket', { detail }));
    }
}
