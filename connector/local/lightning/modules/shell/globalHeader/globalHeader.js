// The bar on top: search for an account, the org's date, and who is looking.
import { api, LightningElement } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import { onDateMoved, orgToday } from 'platform/clock';
import { navigate } from 'platform/router';
import { session, signIn } from 'platform/session';

export default class GlobalHeader extends LightningElement {
    @api app;

    user = session.user;
    today = orgToday();

    connectedCallback() {
        this.end = onDateMoved((today) => {
            this.today = today;
        });
    }

    disconnectedCallback() {
        this.end();
    }

    get rights() {
        return [this.user.role, rightsOf(this.user)].filter(Boolean).join(' · ');
    }

    get people() {
        return session.users.map((person) => ({
            username: person.username,
            label: `${person.name} – ${[person.role, rightsOf(person)].filter(Boolean).join(' · ')}`,
            checked: person.username === this.user.username
        }));
    }

    handleFound(event) {
        const { recordId } = event.detail;
        if (recordId) {
            this.template.querySelector('lightning-record-picker').clearSelection();
            navigate({
                type: 'standard__recordPage',
                attributes: { objectApiName: 'Account', recordId, actionName: 'view' }
            });
        }
    }

    async handlePerson(event) {
        try {
            await signIn(event.detail.value);
            window.location.reload();
        } catch (error) {
            this.dispatchEvent(new ShowToastEvent({ title: error.message, variant: 'error' }));
        }
    }
}

function rightsOf(person) {
    if (person.administrator) {
        return 'sees everything';
    }
    return (
        person.permissionSets.map((name) => name.replace(/_/g, ' ')).join(', ') ||
        'no permission set'
    );
}
