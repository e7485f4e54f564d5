/** Stands in for the actions, which have tests of their own and bring every form with them. */
import { LightningElement, api } from 'lwc';

export default class ArActions extends LightningElement {
    @api accountId;
    @api accountName;
    @api invoices;
    @api compact;
}
