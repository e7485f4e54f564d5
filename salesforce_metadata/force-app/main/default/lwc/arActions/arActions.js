/**
 * Buttons for everything that one can do about a receivable. Each opens its form in a dialog; what was saved is said in
 * a toast, here, because the dialog is gone by then.
 */
import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import ArActionModal from 'c/arActionModal';
import { toastSaved } from 'c/arToast';
import { arranged, titleOf } from './menu';
import LABEL_MORE from '@salesforce/label/c.AR_Actions_More';
import LABEL_MORE_FOR from '@salesforce/label/c.AR_Actions_More_For';
import LABEL_GROUP from '@salesforce/label/c.AR_Actions_Group';
import { fill } from 'c/arWords';

export default class ArActions extends NavigationMixin(LightningElement) {
    @api accountId;
    @api accountName;
    /** Chosen invoices, as rows; without them actions start with the account's overdue ones. */
    @api invoices;
    /** Fewer buttons, for a line of a list. */
    @api compact = false;
    /** Which action is the button where there is room for one. */
    @api primary;

    label = { group: LABEL_GROUP };
    _isOpen = false;

    get hasInvoices() {
        return this.invoices?.length > 0;
    }

    get actions() {
        return arranged(this);
    }

    get moreLabel() {
        return this.accountName ? fill(LABEL_MORE_FOR, this.accountName) : LABEL_MORE;
    }

    get isUnready() {
        return !this.accountId;
    }

    handleButton(event) {
        this.open(event.currentTarget.dataset.action);
    }

    handleMenu(event) {
        this.open(event.detail.value);
    }

    async open(action) {
        if (this._isOpen) {
            return;
        }
        this._isOpen = true;
        const title = titleOf(action, this.accountName);
        const { accountId, accountName } = this;
        const invoices = this.hasInvoices ? [...this.invoices] : undefined;
        try {
            const done = await ArActionModal.open({
                size: 'small',
                label: title,
                heading: title,
                action,
                accountId,
                accountName,
                invoices
            });
            if (done) {
                await toastSaved(this, done);
                this.dispatchEvent(new CustomEvent('done', { detail: done }));
            }
        } finally {
            this._isOpen = false;
        }
    }
}
