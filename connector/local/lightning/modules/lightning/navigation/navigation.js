// Navigation between our pages. A page that the local world does not have is said so in a toast.
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import { openAction } from 'platform/actions';
import { addressOf, navigate, onPage } from 'platform/router';
import { frozen } from 'platform/wire';

const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');

function go(element, page, replace) {
    try {
        if (page?.type === 'standard__quickAction') {
            openAction(page.attributes.apiName, page.state?.recordId, page.state?.objectApiName);
            return;
        }
        navigate(page, replace);
    } catch (error) {
        element.dispatchEvent(
            new ShowToastEvent({
                title: 'Not in the local world',
                message: error.message,
                variant: 'error'
            })
        );
    }
}

export const NavigationMixin = (Base) =>
    class extends Base {
        [Navigate](page, replace) {
            go(this, page, replace);
        }

        async [GenerateUrl](page) {
            return addressOf(page);
        }
    };
NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;

export class CurrentPageReference {
    constructor(emit) {
        this.emit = emit;
    }

    connect() {
        this.end = onPage((page) => this.emit(frozen(page)));
    }

    disconnect() {
        this.end();
    }

    update() {}
}
