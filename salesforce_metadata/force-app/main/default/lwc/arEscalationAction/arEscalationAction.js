/** Quick action: ask a person or a team to step in. */
import { LightningElement, api } from 'lwc';
import LABEL from '@salesforce/label/c.AR_Action_Escalation';

export default class ArEscalationAction extends LightningElement {
    @api recordId;
    @api objectApiName;

    header = LABEL;
}
