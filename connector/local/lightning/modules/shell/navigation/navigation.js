// The app's tabs.
import { api, LightningElement, wire } from 'lwc';
import { CurrentPageReference } from 'lightning/navigation';
import { declared } from 'platform/package';
import { addressOf } from 'platform/router';
import { session } from 'platform/session';

const STANDARD = {
    Account: 'Accounts',
    Contact: 'Contacts',
    Opportunity: 'Opportunities',
    Case: 'Cases'
};

export default class Navigation extends LightningElement {
    @api app;
    @wire(CurrentPageReference) page;

    get tabs() {
        const shown = this.page && addressOf({ ...this.page, state: {} });
        return this.app.tabs
            .map(tabOf)
            .filter(Boolean)
            .map((tab) => mark(tab, isCurrent(tab, this.page, shown)));
    }
}

/** Label and address of a tab; nothing for those that the local world has not, or that the user may not see. */
function tabOf(name) {
    const object = name.replace(/^standard-/, '');
    const own = declared.tabs[name];
    if (own?.page) {
        return {
            label: own.label,
            href: addressOf({ type: 'standard__navItemPage', attributes: { apiName: name } })
        };
    }
    const label = own ? session.objects[name] : STANDARD[object];
    if (!label || !(object in session.objects)) {
        return undefined;
    }
    return {
        label,
        object,
        href: addressOf({
            type: 'standard__objectPage',
            attributes: { objectApiName: object, actionName: 'list' }
        })
    };
}

function isCurrent(tab, page, shown) {
    return (
        tab.href === shown ||
        (tab.object !== undefined && page?.attributes?.objectApiName === tab.object)
    );
}

function mark(tab, current) {
    return {
        ...tab,
        current: current ? 'page' : null,
        css: `slds-context-bar__item${current ? ' slds-is-active' : ''}`
    };
}
