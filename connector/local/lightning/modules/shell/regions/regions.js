// The regions of a page beside and below each other; on a phone all below each other.
import { api, LightningElement } from 'lwc';

const WHOLE = new Set(['header', 'subheader', 'top', 'footer']);
const NARROW = new Set(['sidebar', 'rightsidebar', 'leftsidebar', 'rightcol']);

export default class Regions extends LightningElement {
    @api page;
    @api recordId;
    @api objectApiName;

    get named() {
        return Object.entries(this.page.regions)
            .filter(([, items]) => items.length)
            .map(([name, items]) => ({
                name,
                items,
                css: `region ${NARROW.has(name.toLowerCase()) ? 'narrow' : 'wide'}`
            }));
    }

    get above() {
        return this.named.filter((region) => WHOLE.has(region.name.toLowerCase()));
    }

    get columns() {
        return this.named.filter((region) => !WHOLE.has(region.name.toLowerCase()));
    }
}
