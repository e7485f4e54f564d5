import { LightningElement, api } from 'lwc';

/** The frame of a screen quick action: its title, its body, its buttons. */
export default class QuickActionPanel extends LightningElement {
    @api header;

    hasFooter = false;

    handleFooter(event) {
        this.hasFooter = event.target.assignedElements().length > 0;
    }

    get footerClass() {
        return this.hasFooter ? 'slds-modal__footer' : 'slds-hide';
    }
}
