// One related list: a few records of the other side, by their compact layout.
import { api, LightningElement, wire } from 'lwc';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getRelatedListRecords } from 'lightning/uiRelatedListApi';
import { iconOf, labelOf, recordCell, recordFields } from 'platform/fields';
import { declared } from 'platform/package';
import { addressOf } from 'platform/router';

const FEW = 5;
const COLUMNS = 4;

export default class RelatedList extends LightningElement {
    @api recordId;
    @api objectApiName;
    @api relationship;
    @api isWhole = false;

    @wire(getObjectInfo, { objectApiName: '$objectApiName' })
    info;

    @wire(getObjectInfo, { objectApiName: '$child' })
    childInfo;

    @wire(getRelatedListRecords, {
        parentRecordId: '$recordId',
        relatedListId: '$relationship',
        optionalFields: '$fields',
        pageSize: '$pageSize'
    })
    records;

    get relation() {
        const all = this.info?.data?.childRelationships || [];
        return all.find((each) => each.relationshipName === this.relationship);
    }

    get child() {
        return this.relation?.childObjectApiName;
    }

    get pageSize() {
        return this.isWhole ? 200 : FEW;
    }

    get names() {
        const compact = declared.layouts[this.child]?.compact || ['Name'];
        const own = compact.filter(
            (name) => name !== this.relation.fieldName && this.childInfo.data.fields[name]
        );
        return own.slice(0, this.isWhole ? own.length : COLUMNS);
    }

    get fields() {
        return this.childInfo?.data ? recordFields(this.childInfo.data, this.names) : undefined;
    }

    get isReady() {
        return Boolean(this.childInfo?.data && this.records?.data);
    }

    get title() {
        const { count, nextPageToken } = this.records.data;
        return `${this.childInfo.data.labelPlural} (${count}${nextPageToken ? '+' : ''})`;
    }

    get icon() {
        return iconOf(this.child, declared.tabs);
    }

    get heads() {
        return this.names.map((name) => ({
            name,
            label: labelOf(this.childInfo.data.fields[name])
        }));
    }

    get rows() {
        return this.records.data.records.map((record) => ({
            id: record.id,
            cells: this.names.map((name) => recordCell(this.childInfo.data, record, name))
        }));
    }

    get address() {
        const { objectApiName, recordId, relationship } = this;
        return addressOf({
            type: 'standard__recordRelationshipPage',
            attributes: {
                objectApiName,
                recordId,
                relationshipApiName: relationship,
                actionName: 'view'
            }
        });
    }

    get hasMore() {
        return !this.isWhole && this.rows.length > 0;
    }
}
