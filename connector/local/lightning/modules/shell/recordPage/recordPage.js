// A record's page, laid out by the package's Lightning page for its object.
import { api, LightningElement, wire } from 'lwc';
import { getRecord } from 'lightning/uiRecordApi';
import { declared } from 'platform/package';
import { session } from 'platform/session';

// What an object without a page of its own gets.
const PLAIN = {
    template: 'flexipage:recordHomeTemplateDesktop',
    facets: {},
    regions: {
        header: [{ component: 'force:highlightsPanel', properties: {} }],
        main: [{ component: 'force:detailPanel', properties: {} }],
        sidebar: [{ component: 'force:relatedListContainer', properties: {} }]
    }
};

export default class RecordPage extends LightningElement {
    @api recordId;
    @api objectApiName;

    @wire(getRecord, { recordId: '$recordId', fields: '$anyField' })
    record;

    get anyField() {
        return `${this.objectApiName}.Id`;
    }

    get isShown() {
        return Boolean(this.record?.data);
    }

    get refusal() {
        const told = [].concat(this.record?.error?.body ?? []).map((each) => each.message);
        return told.join(' ') || undefined;
    }

    get page() {
        const assigned = declared.recordPages[this.objectApiName];
        const name = assigned?.[session.formFactor] || assigned?.Large;
        return declared.pages[name] || PLAIN;
    }
}
