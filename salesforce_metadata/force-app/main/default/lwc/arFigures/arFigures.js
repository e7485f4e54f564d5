/**
 * The receivables of one account in one currency: the aging, the measures, what is going on.
 */
import { LightningElement, api } from 'lwc';

export default class ArFigures extends LightningElement {
    /** What `figures` of c/arPanel/figures makes: buckets, measures and facts of one currency. */
    @api view;
    /** Name of the bucket whose invoices are shown on the page, if one was chosen. */
    @api selected;

    get hasBuckets() {
        return this.view.buckets.length > 0;
    }

    get hasFacts() {
        return this.view.facts.length > 0;
    }

    get measures() {
        return this.view.measures.map((measure) => ({ ...measure, look: lookOf(measure) }));
    }

    /** The bar of which currency it was is for the panel to say. */
    tellBucket({ detail: { bucket } }) {
        const detail = { bucket, currency: this.view.currency };
        this.dispatchEvent(new CustomEvent('bucket', { detail }));
    }
}

function lookOf({ isLate, isUnknown }) {
    if (isLate) {
        return 'value value_late';
    }
    return isUnknown ? 'value value_unknown' : 'value';
}
