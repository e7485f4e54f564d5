/** One account of the worklist: what is owed, why to act, who is on it, and the buttons to do it. */
import { LightningElement, api } from 'lwc';

export default class ArWorkItem extends LightningElement {
    /** A line as the worklist words it: accountId, name, amounts, reasons, handler, primary. */
    @api item;

    get hasAmounts() {
        return this.item.amounts.length > 0;
    }

    get handlerClass() {
        return this.item.isOthers ? 'handler others' : 'handler';
    }
}
