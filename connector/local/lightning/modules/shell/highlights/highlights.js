// The head of a record's page: what it is, the fields of its compact layout, and its quick actions.
import { api, LightningElement, wire } from 'lwc';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getRecord } from 'lightning/uiRecordApi';
import { EDIT, openAction } from 'platform/actions';
import { iconOf, recordCell, recordFields } from 'platform/fields';
import { declared } from 'platform/package';
import { isShownHere, session } from 'platform/session';

const BESIDE = session.formFactor === 'Small' ? 2 : 3; // buttons before the menu takes the rest

export default class Highlights extends LightningElement {
    @api recordId;
    @api objectApiName;
    @api actionNames; // of a page with dynamic actions

    @wire(getObjectInfo, { objectApiName: '$objectApiName' })
    info;

    @wire(getRecord, { recordId: '$recordId', optionalFields: '$fields' })
    record;

    get names() {
        return declared.layouts[this.objectApiName]?.compact || ['Name'];
    }

    get fields() {
        return this.info?.data ? recordFields(this.info.data, this.names) : undefined;
    }

    get isReady() {
        return Boolean(this.record?.data && this.info?.data);
    }

    get cells() {
        const { data } = this.record;
        return this.names
            .filter((name) => data.fields[name])
            .map((name) => recordCell(this.info.data, data, name));
    }

    get title() {
        return this.cells[0]?.text;
    }

    get others() {
        return this.cells.slice(1);
    }

    get label() {
        return this.info.data.label;
    }

    get icon() {
        return iconOf(this.objectApiName, declared.tabs);
    }

    /** The page's dynamic actions, or else those of the page layout, or else all of the object. */
    get actions() {
        const { actions } = declared;
        const all = Object.keys(actions).filter(
            (name) => actions[name].object === this.objectApiName
        );
        const dynamic = this.actionNames
            ?.filter((each) => isShownHere(each.shownOn))
            .map((each) => each.text);
        const listed = dynamic || declared.layouts[this.objectApiName]?.actions || all;
        const edit = this.info.data.updateable ? { Edit: EDIT } : {};
        return listed.map((name) => actions[name] || edit[name]).filter(Boolean);
    }

    get buttons() {
        return this.actions.slice(0, BESIDE);
    }

    get more() {
        return this.actions.slice(BESIDE);
    }

    handleAction(event) {
        const name = event.detail.value || event.target.value;
        openAction(name, this.recordId, this.objectApiName);
    }
}
