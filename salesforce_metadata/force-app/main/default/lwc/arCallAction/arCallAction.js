/** Quick action: log a call, an e-mail or a final notice. */
import { LightningElement, api } from 'lwc';
import LABEL from '@salesforce/label/c.AR_Action_Call';

export default class ArCallAction extends LightningElement {
    @api recordId;
    @api objectApiName;

    header = LABEL;
}
