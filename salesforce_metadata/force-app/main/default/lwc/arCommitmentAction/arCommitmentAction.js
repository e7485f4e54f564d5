/** Quick action: add a promise to pay. */
import { LightningElement, api } from 'lwc';
import LABEL from '@salesforce/label/c.AR_Action_Commitment';

export default class ArCommitmentAction extends LightningElement {
    @api recordId;
    @api objectApiName;

    header = LABEL;
}
