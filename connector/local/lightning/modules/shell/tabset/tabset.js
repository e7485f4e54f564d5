// A tab set of a page: its facet holds the tabs, each tab's facet its components.
import { api, LightningElement } from 'lwc';

const TITLES = {
    detail: 'Details',
    relatedLists: 'Related',
    activity: 'Activity',
    collaborate: 'Chatter',
    feed: 'Feed'
};

export default class Tabset extends LightningElement {
    @api page;
    @api tabs;
    @api recordId;
    @api objectApiName;

    get shown() {
        return (this.page.facets[this.tabs] || []).map(({ properties }, key) => ({
            key: String(key),
            label: titleOf(properties.title),
            items: this.page.facets[properties.body] || [],
            isActive: properties.active === 'true'
        }));
    }

    get active() {
        return this.shown.find((tab) => tab.isActive)?.key ?? '0';
    }
}

function titleOf(title = '') {
    const standard = title.startsWith('Standard.Tab.') && title.slice('Standard.Tab.'.length);
    return standard ? TITLES[standard] || standard : title;
}
