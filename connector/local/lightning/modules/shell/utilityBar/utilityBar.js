// The utility bar at the bottom.
import { api, LightningElement } from 'lwc';

export default class UtilityBar extends LightningElement {
    @api items = [];
    opened = -1;

    get utilities() {
        return this.items.map((item, index) => ({
            index,
            item: [{ ...item, key: item.component }],
            label: item.decorator?.label || item.component,
            icon: item.decorator?.icon
                ? `utility:${item.decorator.icon.replace(/^utility:/, '')}`
                : 'utility:apps',
            isOpen: index === this.opened,
            css: `slds-utility-bar__item${index === this.opened ? ' slds-is-active' : ''}`,
            style: `width: min(${Number(item.decorator?.width) || 480}px, 100vw); height: min(${
                Number(item.decorator?.height) || 480
            }px, 80vh)`
        }));
    }

    get hasItems() {
        return this.items.length > 0;
    }

    handleToggle(event) {
        const index = Number(event.currentTarget.dataset.index);
        this.opened = this.opened === index ? -1 : index;
    }

    handleClose() {
        const index = this.opened;
        this.opened = -1;
        this.template.querySelector(`button[data-index="${index}"]`).focus();
    }
}
