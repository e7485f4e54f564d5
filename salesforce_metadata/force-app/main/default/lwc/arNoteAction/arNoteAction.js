/** Quick action: write a note about receivables. */
import { LightningElement, api } from 'lwc';
import LABEL from '@salesforce/label/c.AR_Action_Note';

export default class ArNoteAction extends LightningElement {
    @api recordId;
    @api objectApiName;

    header = LABEL;
}
