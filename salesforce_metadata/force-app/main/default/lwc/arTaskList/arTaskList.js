/**
 * Follow-up tasks, completed in place with a comment.
 *
 * A completed task leaves the list at once. If Salesforce refuses, it is there again, with the comment as it was typed
 * and the reason. Fires `completed` and `refused`, for pages that say so in a toast.
 */
import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import { updateRecord } from 'lightning/uiRecordApi';
import { reasons } from 'c/arErrors';
import { tellChanged } from 'c/arLive';
import { pageOf } from 'c/arToast';
import { fill } from 'c/arWords';
import { completion, lines } from './tasks';
import LABEL_CANCEL from '@salesforce/label/c.AR_Form_Cancel';
import LABEL_COMMENT from '@salesforce/label/c.AR_Task_Comment';
import LABEL_COMPLETE from '@salesforce/label/c.AR_Task_Complete';
import LABEL_COMPLETE_THIS from '@salesforce/label/c.AR_Task_Complete_This';
import LABEL_COMPLETED from '@salesforce/label/c.AR_Task_Completed';
import LABEL_REFUSED from '@salesforce/label/c.AR_Task_Refused';

export default class ArTaskList extends NavigationMixin(LightningElement) {
    /** Rows of Task, each with `accountId`, and `accountName` and `ownerName` where they are to be seen. */
    @api tasks = [];

    label = { cancel: LABEL_CANCEL, comment: LABEL_COMMENT, complete: LABEL_COMPLETE };
    done = new Set();
    comments = {};
    problems = {};
    opened;
    _focusComment = false;
    said = '';

    get lines() {
        return lines(this.tasks ?? [], this).map((line) => ({
            ...line,
            completeLabel: fill(LABEL_COMPLETE_THIS, line.subject)
        }));
    }

    renderedCallback() {
        if (this._focusComment) {
            this._focusComment = false;
            this.template.querySelector('lightning-textarea')?.focus?.();
        }
    }

    handleOpen(event) {
        this.opened = event.currentTarget.dataset.id;
        this._focusComment = true;
    }

    handleCancel() {
        this.opened = undefined;
    }

    handleComment(event) {
        this.comments = { ...this.comments, [event.target.dataset.id]: event.detail.value };
    }

    handleAccount(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](pageOf(event.currentTarget.dataset.id));
    }

    async handleComplete(event) {
        const { id } = event.currentTarget.dataset;
        const task = this.tasks.find(({ Id }) => Id === id);
        if (!task || this.done.has(id)) {
            return;
        }
        this.leave(task);
        try {
            await updateRecord({ fields: completion(task, this.comments[id]) });
            tellChanged(task.accountId);
            this.tell('completed', { title: this.said, recordId: id });
        } catch (error) {
            this.comeBack(task, error);
        }
    }

    leave(task) {
        this.done = new Set([...this.done, task.Id]);
        this.problems = { ...this.problems, [task.Id]: undefined };
        this.opened = undefined;
        this.said = fill(LABEL_COMPLETED, task.Subject);
    }

    comeBack(task, error) {
        this.done = new Set([...this.done].filter((id) => id !== task.Id));
        this.problems = { ...this.problems, [task.Id]: reasons(error).join(' ') };
        this.opened = task.Id;
        this.said = fill(LABEL_REFUSED, task.Subject);
        this.tell('refused', { title: this.said, error });
    }

    tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }
}
