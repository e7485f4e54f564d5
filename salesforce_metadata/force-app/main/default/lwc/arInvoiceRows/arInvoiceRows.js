import { LightningElement, api } from 'lwc';
import LABEL_AMOUNT from '@salesforce/label/c.AR_Invoices_Column_Amount';
import LABEL_DISPUTED from '@salesforce/label/c.AR_Invoices_Column_Disputed';
import LABEL_DUE from '@salesforce/label/c.AR_Invoices_Column_Due';
import LABEL_LATE from '@salesforce/label/c.AR_Invoices_Column_Late';
import LABEL_PROMISED from '@salesforce/label/c.AR_Invoices_Column_Promised';
import LABEL_STATUS from '@salesforce/label/c.AR_Invoices_Column_Status';
import LABEL_ON_HOLD from '@salesforce/label/c.AR_Invoices_On_Hold';
import LABEL_PAY from '@salesforce/label/c.AR_Invoices_Pay';
import LABEL_PDF from '@salesforce/label/c.AR_Invoices_PDF';

/**
 * Some rows of the table of invoices. A component of its own, so that a row that comes or is chosen lets the others
 * be: with two thousand rows in one template each of that would take a second. Fires `select` ({ id, isSelected }).
 */
export default class ArInvoiceRows extends LightningElement {
    /** Rows as arInvoices/view.js makes them; the same array while none of them changes. */
    @api rows = [];

    labels = {
        amount: LABEL_AMOUNT,
        disputed: LABEL_DISPUTED,
        due: LABEL_DUE,
        late: LABEL_LATE,
        onHold: LABEL_ON_HOLD,
        pay: LABEL_PAY,
        pdf: LABEL_PDF,
        promised: LABEL_PROMISED,
        status: LABEL_STATUS
    };

    handleSelect({ currentTarget: { checked, dataset } }) {
        const detail = { id: dataset.row, isSelected: checked };
        this.dispatchEvent(new CustomEvent('select', { detail }));
    }
}
