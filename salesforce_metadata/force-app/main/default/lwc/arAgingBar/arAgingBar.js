/**
 * The aging of one currency: a drawn bar, and below it each bucket as a button with its amount.
 *
 * The drawing is one picture with a description in words; what can be done with it is done with the buttons, so that
 * keyboard and screen reader have the same as the mouse. Each bucket has a pattern beside its colour.
 */
import { LightningElement, api } from 'lwc';
import { count, fill, money, plural } from 'c/arWords';
import LABEL_AGING from '@salesforce/label/c.AR_AgingBar_Description';
import LABEL_BUCKET from '@salesforce/label/c.AR_AgingBar_Bucket';
import LABEL_INVOICE from '@salesforce/label/c.AR_AgingBar_Invoice';
import LABEL_INVOICES from '@salesforce/label/c.AR_AgingBar_Invoices';
import LABEL_LEGEND from '@salesforce/label/c.AR_AgingBar_Legend';
import LABEL_SHOW from '@salesforce/label/c.AR_AgingBar_Show';
import LABEL_SHOW_ALL from '@salesforce/label/c.AR_AgingBar_Show_All';

export default class ArAgingBar extends LightningElement {
    /** ISO code of the currency of all amounts. */
    @api currency;
    /** The buckets in their order: `{ name, label, amount, count? }`. */
    @api buckets = [];
    /** Name of the bucket that is shown elsewhere on the page, if one is. */
    @api selected;

    get entries() {
        return this.buckets.map((bucket, index) => this.entry(bucket, index));
    }

    get segments() {
        return this.entries.filter(({ owed }) => owed);
    }

    get isDrawn() {
        return this.segments.length > 0;
    }

    get description() {
        const told = this.segments.map(({ label, amount, share }) =>
            fill(LABEL_BUCKET, label, amount, share)
        );
        return fill(LABEL_AGING, this.currency, told.join('; '));
    }

    get legend() {
        return fill(LABEL_LEGEND, this.currency);
    }

    entry({ name, label, amount, count: invoices }, index) {
        const share = amount > 0 ? amount / this.total : 0;
        const pressed = name === this.selected;
        return {
            name,
            label,
            owed: amount > 0,
            amount: money(amount, this.currency, { whole: true }),
            share: count(share * 100),
            invoices: invoices ? plural(invoices, LABEL_INVOICE, LABEL_INVOICES) : undefined,
            pressed: String(pressed),
            hint: pressed ? LABEL_SHOW_ALL : fill(LABEL_SHOW, label),
            look: `look look_${index}`,
            segment: `segment look look_${index}${pressed ? ' segment_chosen' : ''}`,
            width: `flex-grow: ${share}`
        };
    }

    get total() {
        return this.buckets.reduce((sum, { amount }) => sum + Math.max(0, amount ?? 0), 0);
    }

    choose(event) {
        const { bucket } = event.currentTarget.dataset;
        const detail = { bucket: bucket === this.selected ? null : bucket };
        this.dispatchEvent(new CustomEvent('bucket', { detail }));
    }
}
