// Where quick actions are shown. A screen action gets its record only after it was made, as on the platform: who reads
// recordId in connectedCallback finds nothing there either.
import { LightningElement } from 'lwc';
import { CLOSE_ACTION } from 'lightning/actions';
import { showActionsWith } from 'platform/actions';
import { components } from 'platform/components';
import { recordsChanged } from 'platform/wire';

export default class ActionHost extends LightningElement {
    open;

    connectedCallback() {
        showActionsWith((opened) => this.show(opened));
        this.template.addEventListener(CLOSE_ACTION, () => this.close());
    }

    get component() {
        return components[this.open.action.component];
    }

    get isDialog() {
        return this.open && !this.open.action.headless;
    }

    get isHeadless() {
        return this.open && this.open.action.headless;
    }

    async show(opened) {
        this.openedFrom = document.activeElement;
        this.open = opened;
        await this.rendered();
        const { recordId, objectApiName, action } = opened;
        Object.assign(this.template.querySelector('[data-action]') || {}, {
            recordId,
            objectApiName
        });
        if (action.headless) {
            await this.template.querySelector('[data-action]').invoke();
            this.close();
        } else {
            this.template.querySelector('lightning-focus-trap').focus();
        }
    }

    rendered() {
        return new Promise((resolve) => {
            this.whenRendered = resolve;
        });
    }

    renderedCallback() {
        this.whenRendered?.();
    }

    handleKey(event) {
        if (event.key === 'Escape' && !event.defaultPrevented) {
            this.close();
        }
    }

    close() {
        const { recordId } = this.open || {};
        this.open = undefined;
        this.openedFrom?.focus();
        if (recordId) {
            recordsChanged([recordId]);
        }
    }
}
