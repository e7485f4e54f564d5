// The components of a region or a facet, one below the other.
import { api, LightningElement } from 'lwc';
import { components } from 'platform/components';
import { isShownHere } from 'platform/session';

const PIECES = {
    'force:highlightsPanel': 'isHighlights',
    'force:detailPanel': 'isDetail',
    'force:recordDetailPanelMobile': 'isDetail',
    'force:relatedListContainer': 'isRelatedLists',
    'force:relatedListSingleContainer': 'isRelatedList',
    'lst:dynamicRelatedList': 'isRelatedList',
    'runtime_sales_activities:activityPanel': 'isActivities',
    'flexipage:tabset': 'isTabset',
    'flexipage:richText': 'isRichText'
};

export default class Items extends LightningElement {
    @api items = [];
    @api page;
    @api recordId;
    @api objectApiName;

    get shown() {
        return this.items
            .filter((item) => isShownHere(item.shownOn))
            .map((item, key) => this.describe(item, key));
    }

    describe(item, key) {
        const piece = PIECES[item.component];
        if (piece) {
            return { key, [piece]: true, properties: item.properties };
        }
        const component = components[item.component];
        if (!component) {
            return { key, name: item.component };
        }
        const context = this.recordId
            ? { recordId: this.recordId, objectApiName: this.objectApiName }
            : {};
        return { key, component, properties: { ...item.properties, ...context } };
    }
}
