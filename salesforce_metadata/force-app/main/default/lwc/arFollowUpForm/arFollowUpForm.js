/**
 * "I'm on it", so that no two people chase the same customer: says who is on it, and takes it or gives it back.
 *
 * What is shown changes at once, and changes back if Salesforce refuses.
 */
import { wire } from 'lwc';
import { graphql } from 'lightning/graphql';
import USER_ID from '@salesforce/user/Id';
import ArForm from 'c/arForm';
import { isHidden, reasons } from 'c/arErrors';
import { row, rows } from 'c/arRows';
import { fill } from 'c/arWords';
import { packed, writeTogether } from 'c/arWrites';
import { CHOSEN, OVERDUE } from './query';
import { giving, people, pretended, sentences, taking } from './followUp';
import LABEL_GIVE from '@salesforce/label/c.AR_FollowUp_Give';
import LABEL_GIVEN from '@salesforce/label/c.AR_FollowUp_Given';
import LABEL_HIDDEN from '@salesforce/label/c.AR_Form_Hidden';
import LABEL_MORE from '@salesforce/label/c.AR_FollowUp_More';
import LABEL_NONE from '@salesforce/label/c.AR_FollowUp_None';
import LABEL_PART from '@salesforce/label/c.AR_FollowUp_Part';
import LABEL_TAKE from '@salesforce/label/c.AR_FollowUp_Take';
import LABEL_TAKE_OVER from '@salesforce/label/c.AR_FollowUp_Take_Over';
import LABEL_TAKEN from '@salesforce/label/c.AR_FollowUp_Taken';
import LABEL_TALK from '@salesforce/label/c.AR_FollowUp_Talk';
import LABEL_WHAT from '@salesforce/label/c.AR_FollowUp_What';

const AT_MOST = 50;

export default class ArFollowUpForm extends ArForm {
    objectName = 'AR_Invoice__c';
    label = { give: LABEL_GIVE, none: LABEL_NONE, what: LABEL_WHAT };
    found;
    /** Who is shown to be on it while that is being written; undefined for what is really so. */
    pretend;
    _wasReadAgain = false;

    get query() {
        if (!this.accountId) {
            return undefined;
        }
        return this.isChosen ? CHOSEN : OVERDUE;
    }

    get variables() {
        const ids = this.isChosen ? { ids: this.invoices.map(({ Id }) => Id) } : {};
        return { accountId: this.accountId, first: AT_MOST, ...ids };
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredFollowUps({ data, errors, refresh }) {
        if (errors) {
            this.blocked = isHidden(errors) ? LABEL_HIDDEN : reasons(errors).join(' ');
        } else if (data) {
            this.readAgainOnce(refresh);
            const { AR_Invoice__c: invoices, Task: tasks, Account: accounts } = data.uiapi.query;
            this.found = {
                invoices: rows(invoices),
                count: invoices.totalCount,
                tasks: rows(tasks),
                ownerId: row(accounts.edges[0].node).OwnerId
            };
        }
    }

    /** What comes first may be from the platform's cache, from before somebody else took it. */
    readAgainOnce(refresh) {
        if (!this._wasReadAgain) {
            this._wasReadAgain = true;
            refresh?.();
        }
    }

    get isChosen() {
        return this.invoices?.length > 0;
    }

    get isLoading() {
        return !this.info || !this.found;
    }

    get hasInvoices() {
        return this.found?.invoices.length > 0;
    }

    get hasNone() {
        return this.found && !this.hasInvoices;
    }

    get shown() {
        const { invoices } = this.found;
        return this.pretend === undefined ? invoices : pretended(invoices, this.pretend);
    }

    get sentences() {
        return sentences(this.shown, USER_ID);
    }

    get isMineAlready() {
        return people(this.found?.invoices ?? [], USER_ID).every(({ id }) => id === USER_ID);
    }

    get others() {
        return people(this.found?.invoices ?? [], USER_ID).filter(
            ({ id }) => id !== null && id !== USER_ID
        );
    }

    get warning() {
        const name = this.others[0]?.name;
        return name ? fill(LABEL_TALK, name) : undefined;
    }

    get note() {
        const { count, invoices } = this.found ?? { count: 0, invoices: [] };
        return count > invoices.length ? fill(LABEL_MORE, invoices.length, count) : undefined;
    }

    /** Nothing is left to take: then giving it back is what the button does. */
    get saveLabel() {
        if (this.isMineAlready) {
            return LABEL_GIVE;
        }
        return this.others.length ? LABEL_TAKE_OVER : LABEL_TAKE;
    }

    /** Some of it is mine and some is not: both can be done. */
    get canGiveToo() {
        const mine = this.found?.invoices.some((one) => one.Assigned_To__c === USER_ID);
        return mine && !this.isMineAlready;
    }

    get isUnready() {
        return !this.hasInvoices || this.info?.fields?.Assigned_To__c?.updateable === false;
    }

    async handleSave() {
        if (this.isMineAlready) {
            await this.handleGive();
        } else {
            await this.change(USER_ID, taking(this.found.invoices, this.found.tasks, USER_ID));
        }
    }

    async handleGive() {
        const { invoices, tasks, ownerId } = this.found;
        await this.change(null, giving(invoices, tasks, USER_ID, ownerId, !this.isChosen));
    }

    async change(assigned, lists) {
        if (this.saving) {
            return;
        }
        this.pretend = assigned;
        await this.save(() => this.write(packed(lists), assigned ? LABEL_TAKEN : LABEL_GIVEN));
        this.pretend = undefined;
    }

    /** Round by round, where there are more records than one mutation takes; each round is all or none. */
    async write(rounds, title) {
        let written = 0;
        for (const round of rounds) {
            try {
                // One round after the other: they lock the same account.
                // eslint-disable-next-line no-await-in-loop
                await writeTogether(round);
            } catch (error) {
                throw written ? partly(written, error) : error;
            }
            written += round.length;
        }
        return { title };
    }
}

function partly(written, error) {
    return { errors: [{ message: fill(LABEL_PART, written) }, ...(error.errors ?? [error])] };
}
