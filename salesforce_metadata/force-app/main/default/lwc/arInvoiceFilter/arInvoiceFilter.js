import { LightningElement, api } from 'lwc';
import LABEL_ALL from '@salesforce/label/c.AR_Invoices_All';
import LABEL_BUCKETS from '@salesforce/label/c.AR_Invoices_Buckets';
import LABEL_OPEN from '@salesforce/label/c.AR_Invoices_Open';
import LABEL_SEARCH from '@salesforce/label/c.AR_Invoices_Search';
import LABEL_WHICH from '@salesforce/label/c.AR_Invoices_Which';

const TYPING_MS = 300;

/** Which invoices to show. Fires `filter` with what is to change of the filter. */
export default class ArInvoiceFilter extends LightningElement {
    /** `{ isAll, bucket, currency, search }` */
    @api filter;
    /** `[{ value, label }]` */
    @api buckets;

    which = [
        { value: 'open', label: LABEL_OPEN },
        { value: 'all', label: LABEL_ALL }
    ];
    labels = { buckets: LABEL_BUCKETS, search: LABEL_SEARCH, which: LABEL_WHICH };

    _typing;

    disconnectedCallback() {
        clearTimeout(this._typing);
    }

    get whichValue() {
        return this.filter.isAll ? 'all' : 'open';
    }

    get chosenBuckets() {
        return [this.filter.bucket];
    }

    handleWhich({ detail: { value } }) {
        this.tell({ isAll: value === 'all' });
    }

    /** A bucket that is pressed again is let go. */
    handleBucket({ detail: { value } }) {
        const bucket = value === this.filter.bucket ? null : value;
        this.tell({ bucket, currency: bucket && this.filter.currency });
    }

    handleSearch({ detail: { value } }) {
        clearTimeout(this._typing);
        // One request for a number that is typed, not one for each of its digits.
        // eslint-disable-next-line @lwc/lwc/no-async-operation
        this._typing = setTimeout(() => this.tell({ search: value.trim() }), TYPING_MS);
    }

    tell(detail) {
        this.dispatchEvent(new CustomEvent('filter', { detail }));
    }
}
