// The related lists of a record: those of its page layout that the user may see.
import { api, LightningElement, wire } from 'lwc';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { declared } from 'platform/package';

export default class RelatedLists extends LightningElement {
    @api recordId;
    @api objectApiName;

    @wire(getObjectInfo, { objectApiName: '$objectApiName' })
    info;

    get relationships() {
        const seen = new Set(
            (this.info?.data?.childRelationships || []).map((each) => each.relationshipName)
        );
        return (declared.layouts[this.objectApiName]?.related || []).filter((name) =>
            seen.has(name)
        );
    }
}
