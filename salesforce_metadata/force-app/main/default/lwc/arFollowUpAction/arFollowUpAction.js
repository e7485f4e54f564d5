/** Quick action: take the follow-up of overdue invoices, or give it back. */
import { LightningElement, api } from 'lwc';
import LABEL from '@salesforce/label/c.AR_Action_Follow_Up_Title';

export default class ArFollowUpAction extends LightningElement {
    @api recordId;
    @api objectApiName;

    header = LABEL;
}
