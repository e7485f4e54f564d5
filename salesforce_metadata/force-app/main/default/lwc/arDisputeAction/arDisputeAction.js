/** Quick action: raise a dispute about invoices. */
import { LightningElement, api } from 'lwc';
import LABEL from '@salesforce/label/c.AR_Action_Dispute';

export default class ArDisputeAction extends LightningElement {
    @api recordId;
    @api objectApiName;

    header = LABEL;
}
