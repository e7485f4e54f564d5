/** The open follow-ups of an account, to complete with a comment: mine first, everybody's on request. */
import { LightningElement, api, wire } from 'lwc';
import { gql, graphql } from 'lightning/graphql';
import USER_ID from '@salesforce/user/Id';
import { isHidden, reasons } from 'c/arErrors';
import { onChanged } from 'c/arLive';
import { rows } from 'c/arRows';
import LABEL_ALL from '@salesforce/label/c.AR_Task_All';
import LABEL_CLOSE from '@salesforce/label/c.AR_Form_Close';
import LABEL_HIDDEN from '@salesforce/label/c.AR_Form_Hidden';
import LABEL_LOADING from '@salesforce/label/c.AR_Form_Loading';
import LABEL_MINE from '@salesforce/label/c.AR_Task_Mine';
import LABEL_NONE from '@salesforce/label/c.AR_Task_None';
import LABEL_NONE_MINE from '@salesforce/label/c.AR_Task_None_Mine';
import LABEL_WHOSE from '@salesforce/label/c.AR_Task_Whose';

const QUERY = gql`
    query OpenFollowUpTasks($accountId: ID!) {
        uiapi {
            query {
                Task(
                    first: 200
                    where: {
                        AccountId: { eq: $accountId }
                        IsClosed: { eq: false }
                        AR_Key__c: { ne: null }
                    }
                    orderBy: { ActivityDate: { order: ASC, nulls: LAST } }
                ) {
                    edges {
                        node {
                            Id
                            Subject {
                                value
                            }
                            ActivityDate {
                                value
                            }
                            Description {
                                value
                            }
                            OwnerId {
                                value
                            }
                            Owner {
                                ... on User {
                                    Name {
                                        value
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
`;

export default class ArTaskForm extends LightningElement {
    @api accountId;

    label = { close: LABEL_CLOSE, loading: LABEL_LOADING, whose: LABEL_WHOSE };
    whoseOptions = [
        { label: LABEL_MINE, value: 'mine' },
        { label: LABEL_ALL, value: 'all' }
    ];
    whose;
    found;
    problem;
    refresh;
    _stop;

    connectedCallback() {
        this._stop = onChanged(({ accountId }) => accountId === this.accountId && this.refresh?.());
    }

    disconnectedCallback() {
        this._stop?.();
    }

    get query() {
        return this.accountId ? QUERY : undefined;
    }

    get variables() {
        return { accountId: this.accountId };
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredTasks({ data, errors, refresh }) {
        const isFirst = !this.refresh;
        this.refresh = refresh ?? this.refresh;
        if (data && !errors) {
            this.problem = undefined;
            if (isFirst) {
                // What comes first may be from the platform's cache, from before a task was completed elsewhere.
                refresh?.();
            }
            this.found = rows(data.uiapi.query.Task).map((task) => ({
                ...task,
                accountId: this.accountId,
                ownerName: task.Owner?.Name
            }));
        } else if (errors) {
            this.problem = isHidden(errors) ? LABEL_HIDDEN : reasons(errors).join(' ');
        }
    }

    get isLoading() {
        return !this.found && !this.problem;
    }

    get mine() {
        return (this.found ?? []).filter(({ OwnerId }) => OwnerId === USER_ID);
    }

    /** Mine, where there are any; else everybody's, so that nobody looks at an empty list first. */
    get chosenWhose() {
        return this.whose ?? (this.mine.length || !this.found?.length ? 'mine' : 'all');
    }

    get tasks() {
        return this.chosenWhose === 'mine' ? this.mine : this.found;
    }

    get none() {
        if (!this.found || this.tasks.length) {
            return undefined;
        }
        return this.found.length ? LABEL_NONE_MINE : LABEL_NONE;
    }

    handleWhose(event) {
        this.whose = event.detail.value;
    }

    handleClose() {
        this.dispatchEvent(new CustomEvent('cancel'));
    }
}
