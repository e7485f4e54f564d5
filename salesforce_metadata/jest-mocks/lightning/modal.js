/** LightningModal for tests: a plain element whose `close` is seen, and whose `open` is a mock of the class. */
import { LightningElement, api } from 'lwc';

export default class LightningModal extends LightningElement {
    @api size;
    @api label;
    @api description;
    @api disableClose = false;

    static open = jest.fn().mockResolvedValue(undefined);

    @api close(result) {
        this.dispatchEvent(new CustomEvent('close', { detail: result }));
    }
}
