import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';

/**
 * A link to a record: opens it in place, and by the browser's own means in a new tab.
 */
export default class ArLink extends NavigationMixin(LightningElement) {
    @api recordId;
    @api objectApiName;
    /** What one reads. */
    @api label;
    /** What one sees on hover, if it says more. */
    @api title;

    url;

    async connectedCallback() {
        this.url = await this[NavigationMixin.GenerateUrl](this.page);
    }

    get page() {
        return {
            type: 'standard__recordPage',
            attributes: {
                recordId: this.recordId,
                objectApiName: this.objectApiName,
                actionName: 'view'
            }
        };
    }

    handleClick(event) {
        if (event.metaKey || event.ctrlKey || event.shiftKey) {
            return;
        }
        event.preventDefault();
        this[NavigationMixin.Navigate](this.page);
    }
}
