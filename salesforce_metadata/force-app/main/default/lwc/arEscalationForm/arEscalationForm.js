/** Ask a person or a team to step in, with the reason. Dueline tells them; the timeline shows that it was asked. */
import { wire } from 'lwc';
import { createRecord, getFieldValue, getRecord } from 'lightning/uiRecordApi';
import { getPicklistValues } from 'lightning/uiObjectInfoApi';
import ArForm from 'c/arForm';
import TEAM from '@salesforce/schema/AR_Activity__c.Escalated_Team__c';
import USER_NAME from '@salesforce/schema/User.Name';
import { escalation, FINDING, targets, TEAMS } from './escalation';
import { fill } from 'c/arWords';
import LABEL_ABOUT from '@salesforce/label/c.AR_Contact_About';
import LABEL_ABOUT_NONE from '@salesforce/label/c.AR_Contact_About_None';
import LABEL_LINK from '@salesforce/label/c.AR_Escalation_Link';
import LABEL_PERSON from '@salesforce/label/c.AR_Escalation_Person';
import LABEL_REASON from '@salesforce/label/c.AR_Escalation_Reason';
import LABEL_REASON_MISSING from '@salesforce/label/c.AR_Escalation_Reason_Missing';
import LABEL_REQUIRED from '@salesforce/label/c.AR_Form_Required';
import LABEL_SAVE from '@salesforce/label/c.AR_Escalation_Save';
import LABEL_SAVED from '@salesforce/label/c.AR_Escalation_Saved';
import LABEL_TEAM from '@salesforce/label/c.AR_Escalation_Team';
import LABEL_TO from '@salesforce/label/c.AR_Escalation_To';

export default class ArEscalationForm extends ArForm {
    objectName = 'AR_Activity__c';
    label = {
        about: LABEL_ABOUT,
        aboutNone: LABEL_ABOUT_NONE,
        person: LABEL_PERSON,
        reason: LABEL_REASON,
        reasonMissing: LABEL_REASON_MISSING,
        required: LABEL_REQUIRED,
        save: LABEL_SAVE,
        team: LABEL_TEAM,
        to: LABEL_TO
    };
    finding = FINDING;
    one = 1;
    target;
    /** Undefined until it is known whether there are any. */
    teams;
    personId;
    personName;
    chosen = [];

    @wire(getPicklistValues, { recordTypeId: '$recordTypeId', fieldApiName: TEAM })
    wiredTeams({ data, error }) {
        if (data || error) {
            // No teams: the field is hidden from this person, or not there; a person can be asked all the same.
            this.teams = (data?.values ?? []).map(({ label, value }) => ({ label, value }));
        }
    }

    @wire(getRecord, { recordId: '$personId', fields: [USER_NAME] })
    wiredPerson({ data }) {
        this.personName = data ? getFieldValue(data, USER_NAME) : undefined;
    }

    get isLoading() {
        return !this.isReady;
    }

    get isReady() {
        return Boolean(this.info && this.teams);
    }

    get targets() {
        return targets(this.teams.length > 0);
    }

    get chosenTarget() {
        return this.target ?? this.targets[0].value;
    }

    get isToTeam() {
        return this.chosenTarget === TEAMS;
    }

    get given() {
        return this.invoices?.length === 1 ? this.invoices : undefined;
    }

    handleTarget(event) {
        this.target = event.detail.value;
    }

    handlePerson(event) {
        event.target.setCustomValidity?.('');
        this.personId = event.detail.recordId ?? undefined;
    }

    handleInvoices(event) {
        this.chosen = event.detail.rows;
    }

    async write() {
        const { Body__c: reason, Escalated_Team__c: team } = this.values;
        const to = this.isToTeam
            ? { team, name: this.teams.find(({ value }) => value === team)?.label ?? team }
            : { personId: this.personId, name: this.personName };
        const now = new Date().toISOString();
        const fields = escalation(this.accountId, to, reason, this.chosen[0]?.Id, now);
        const { id } = await createRecord({
            apiName: this.objectName,
            fields: this.writeable(fields)
        });
        const title = to.name ? fill(LABEL_SAVED, to.name) : fields.Subject__c;
        return { title, recordId: id, link: LABEL_LINK };
    }
}
