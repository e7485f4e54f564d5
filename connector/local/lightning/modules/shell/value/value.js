import { api, LightningElement } from 'lwc';

/** One cell (platform/fields): text, a link, a check mark. */
export default class Value extends LightningElement {
    @api cell;

    get isLink() {
        return this.cell.kind === 'link' && this.cell.text;
    }

    get isWeb() {
        return this.cell.kind === 'web';
    }

    get isCheck() {
        return this.cell.kind === 'check';
    }

    get isLong() {
        return this.cell.kind === 'long';
    }

    get icon() {
        return this.cell.value ? 'utility:check' : 'utility:steps';
    }
}
