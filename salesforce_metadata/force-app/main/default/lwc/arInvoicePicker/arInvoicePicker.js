/**
 * The invoices that an action is about: chips that one can remove, and a list of open ones to pick more from.
 *
 * Starts with the given invoices, or with the account's overdue ones (`preset` overdue). Fires `choose` with the chosen
 * rows, and with the currencies of what is open, as soon as it knows them and whenever they change.
 */
import { LightningElement, api, wire } from 'lwc';
import { graphql } from 'lightning/graphql';
import { reasons } from 'c/arErrors';
import { rows } from 'c/arRows';
import { fill, plural } from 'c/arWords';
import { OPEN, SEARCH } from './query';
import { chips, choices, initial, likeOf, toggled } from './picking';
import LABEL_CHOOSE from '@salesforce/label/c.AR_Picker_Choose';
import LABEL_CHOOSE_ONE from '@salesforce/label/c.AR_Picker_Choose_One';
import LABEL_CUT from '@salesforce/label/c.AR_Picker_Cut';
import LABEL_DONE from '@salesforce/label/c.AR_Picker_Done';
import LABEL_LOADING from '@salesforce/label/c.AR_Form_Loading';
import LABEL_MANY from '@salesforce/label/c.AR_Picker_Chosen_Many';
import LABEL_MORE from '@salesforce/label/c.AR_Picker_More';
import LABEL_NONE from '@salesforce/label/c.AR_Picker_None_Open';
import LABEL_NOT_FOUND from '@salesforce/label/c.AR_Picker_Not_Found';
import LABEL_ONE from '@salesforce/label/c.AR_Picker_Chosen_One';
import LABEL_OPEN from '@salesforce/label/c.AR_Picker_Open';
import LABEL_SEARCH from '@salesforce/label/c.AR_Picker_Search';

const PAGE = 50;

export default class ArInvoicePicker extends LightningElement {
    @api accountId;
    /** Invoices to start with, as rows. */
    @api invoices;
    /** What to start with where no invoices are given: `overdue` or `none`. */
    @api preset = 'none';
    /** How many can be chosen. */
    @api max = PAGE;
    /** What the chosen invoices are to the action: "Invoices promised". */
    @api label;
    /** What it means when none is chosen. */
    @api emptyLabel;

    words = {
        loading: LABEL_LOADING,
        open: LABEL_OPEN,
        search: LABEL_SEARCH
    };
    chosen;
    open;
    openCount = 0;
    search = '';
    problem;
    isChoosing = false;
    _currencies = [];

    get query() {
        if (!this.accountId) {
            return undefined;
        }
        return this.search.trim() ? SEARCH : OPEN;
    }

    get variables() {
        const own = this.search.trim() ? { like: likeOf(this.search) } : {};
        return { accountId: this.accountId, first: PAGE, ...own };
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredInvoices({ data, errors }) {
        this.problem = errors ? reasons(errors).join(' ') : undefined;
        if (data && !errors) {
            const found = data.uiapi.query.AR_Invoice__c;
            this.open = rows(found);
            this.openCount = found.totalCount;
        }
        if ((data || errors) && !this.chosen) {
            const currencies = [...new Set((this.open ?? []).map((row) => row.Currency__c))].sort();
            this.tell(initial(this.invoices, this.open ?? [], this.preset, this.max), currencies);
        }
    }

    get chips() {
        return chips(this.chosen ?? []);
    }

    get choices() {
        return choices(this.open ?? [], this.chosen ?? [], this.max);
    }

    get hasChosen() {
        return this.chosen?.length > 0;
    }

    get hasChoices() {
        return this.choices.length > 0;
    }

    get noChoices() {
        return this.search ? fill(LABEL_NOT_FOUND, this.search) : LABEL_NONE;
    }

    get legend() {
        return this.hasChosen && this.max > 1
            ? `${this.label}: ${plural(this.chosen.length, LABEL_ONE, LABEL_MANY)}`
            : this.label;
    }

    /** Says what is left out of the list, and what was left out of a selection. */
    get note() {
        if (this.invoices?.length > this.max) {
            return fill(LABEL_CUT, this.invoices.length, this.max);
        }
        const more = this.openCount - (this.open?.length ?? 0);
        return this.isChoosing && more > 0 ? fill(LABEL_MORE, more) : undefined;
    }

    get toggleLabel() {
        if (this.isChoosing) {
            return LABEL_DONE;
        }
        return this.max === 1 ? LABEL_CHOOSE_ONE : LABEL_CHOOSE;
    }

    get expanded() {
        return String(this.isChoosing);
    }

    handleToggle() {
        this.isChoosing = !this.isChoosing;
    }

    handleSearch(event) {
        this.search = event.detail.value ?? '';
    }

    handleRemove(event) {
        event.preventDefault();
        const { id } = event.target.dataset;
        this.tell(this.chosen.filter(({ Id }) => Id !== id));
    }

    handleCheck(event) {
        const row = this.open.find(({ Id }) => Id === event.target.dataset.id);
        this.tell(toggled(this.chosen, row, event.detail.checked, this.max));
    }

    tell(chosen, currencies = this._currencies) {
        this.chosen = chosen;
        this._currencies = currencies;
        this.dispatchEvent(new CustomEvent('choose', { detail: { rows: chosen, currencies } }));
    }
}
