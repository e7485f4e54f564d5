import { api, LightningElement } from 'lwc';

/** What is shown where the local world has nothing to show. */
export default class MissingPage extends LightningElement {
    @api reason;

    get told() {
        return this.reason || 'There is no page at this address.';
    }
}
