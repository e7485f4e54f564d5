/** The form of an action, in a dialog. It closes with what was saved, or with nothing. */
import { api } from 'lwc';
import LightningModal from 'lightning/modal';

export default class ArActionModal extends LightningModal {
    /** Heading of the dialog. */
    @api heading;
    @api action;
    @api accountId;
    @api accountName;
    @api invoices;

    handleBusy(event) {
        this.disableClose = event.detail;
    }

    handleSaved(event) {
        this.disableClose = false;
        this.close(event.detail);
    }

    handleCancel() {
        this.close();
    }
}
