import { api, LightningElement } from 'lwc';
import { recordAddress } from 'platform/fields';

/** A related list on a page of its own. */
export default class RelatedPage extends LightningElement {
    @api recordId;
    @api objectApiName;
    @api relationshipApiName;
    @api actionName;

    get back() {
        return recordAddress(this.objectApiName, this.recordId);
    }
}
