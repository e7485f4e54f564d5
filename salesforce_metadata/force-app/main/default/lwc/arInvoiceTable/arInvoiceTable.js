/**
 * Invoices as a table; where there is little room, as cards with the same cells (the style sheets decide, by the width
 * of the container, so that it fits a side region of a desktop too).
 *
 * Why not lightning-datatable: its cells are components of their own, ten to a row, which makes two thousand rows
 * several seconds of work; and it cannot become cards. Rows come in groups that are components (arInvoiceRows), so
 * that a further page costs what it holds and no more. A template may not have a component between a <table> and its
 * rows, hence roles in place of the elements.
 */
import { LightningElement, api } from 'lwc';
import LABEL_ASSIGNED from '@salesforce/label/c.AR_Invoices_Column_Assigned';
import LABEL_AMOUNT from '@salesforce/label/c.AR_Invoices_Column_Amount';
import LABEL_BALANCE from '@salesforce/label/c.AR_Invoices_Column_Balance';
import LABEL_DISPUTED from '@salesforce/label/c.AR_Invoices_Column_Disputed';
import LABEL_DUE from '@salesforce/label/c.AR_Invoices_Column_Due';
import LABEL_HOLD from '@salesforce/label/c.AR_Invoices_Column_Hold';
import LABEL_LATE from '@salesforce/label/c.AR_Invoices_Column_Late';
import LABEL_LINKS from '@salesforce/label/c.AR_Invoices_Column_Links';
import LABEL_NUMBER from '@salesforce/label/c.AR_Invoices_Column_Number';
import LABEL_PROMISED from '@salesforce/label/c.AR_Invoices_Column_Promised';
import LABEL_STATUS from '@salesforce/label/c.AR_Invoices_Column_Status';
import LABEL_SELECT_ALL from '@salesforce/label/c.AR_Invoices_Select_All';
import LABEL_SORT_BY from '@salesforce/label/c.AR_Invoices_Sort_By';
import LABEL_TITLE from '@salesforce/label/c.AR_Invoices_Title';
import { grouping } from './groups';

const COLUMNS = [
    { name: 'number', label: LABEL_NUMBER, classes: 'cell' },
    { name: 'due', label: LABEL_DUE, classes: 'cell' },
    { name: 'late', label: LABEL_LATE, classes: 'cell' },
    { name: 'amount', label: LABEL_AMOUNT, classes: 'cell number if-wide' },
    { name: 'balance', label: LABEL_BALANCE, classes: 'cell number' },
    { name: 'status', label: LABEL_STATUS, classes: 'cell' },
    { name: 'promised', label: LABEL_PROMISED, classes: 'cell' },
    { name: 'disputed', label: LABEL_DISPUTED, classes: 'cell number' },
    { name: 'hold', label: LABEL_HOLD, classes: 'cell if-wide' },
    { name: 'assigned', label: LABEL_ASSIGNED, classes: 'cell if-wide' }
];

/**
 * Fires `sort` ({ column }) for a heading that was pressed, and `select` ({ ids, isSelected }).
 */
export default class ArInvoiceTable extends LightningElement {
    /** Rows as arInvoices/view.js makes them, with `isSelected`. */
    @api rows = [];
    /** `{ column, isDescending }`; none for the order that nobody chose. */
    @api sort;

    labels = {
        links: LABEL_LINKS,
        selectAll: LABEL_SELECT_ALL,
        sortBy: LABEL_SORT_BY,
        title: LABEL_TITLE
    };

    _grouped = grouping();

    get groups() {
        return this._grouped(this.rows);
    }

    get columns() {
        return COLUMNS.map((column) => {
            const isSorted = this.sort?.column === column.name;
            const direction = this.sort?.isDescending ? 'descending' : 'ascending';
            return {
                ...column,
                isSorted,
                ariaSort: isSorted ? direction : undefined,
                icon: this.sort?.isDescending ? 'utility:arrowdown' : 'utility:arrowup'
            };
        });
    }

    get sortOptions() {
        return COLUMNS.map(({ name, label }) => ({ value: name, label }));
    }

    get sortedColumn() {
        return this.sort?.column ?? 'due';
    }

    get isAllSelected() {
        return this.rows.every(({ isSelected }) => isSelected);
    }

    handleSort(event) {
        this.tellSort(event.currentTarget.dataset.column);
    }

    handleSortOption({ detail: { value } }) {
        this.tellSort(value);
    }

    handleSelect({ detail: { id, isSelected } }) {
        this.tellSelected([id], isSelected);
    }

    handleSelectAll({ currentTarget: { checked } }) {
        this.tellSelected(
            this.rows.map(({ id }) => id),
            checked
        );
    }

    tellSort(column) {
        this.dispatchEvent(new CustomEvent('sort', { detail: { column } }));
    }

    tellSelected(ids, isSelected) {
        this.dispatchEvent(new CustomEvent('select', { detail: { ids, isSelected } }));
    }
}
