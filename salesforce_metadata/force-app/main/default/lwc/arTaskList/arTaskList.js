/**
 * Follow-up tasks, completed in place with a comment.
 *
 * A completed task leaves the list at once. If Salesforce refuses, it is there again, with the comment as it was typed
 * and the reason. Fires `completed` and `refused`, for pages that say so in a toast.
 */
import { LightningElement, api } from 'lwc';
import { reasons } from 'c/arErrors';
import { tellChanged } from 'c/arLive';
import { fill } from 'c/arWords';
import { writeTogether } from 'c/arWrites';
import { completion, lines } from './tasks';
import LABEL_CANCEL from '@salesforce/label/c.AR_Form_Cancel';
import LABEL_COMMENT from '@salesforce/label/c.AR_Task_Comment';
import LABEL_COMPLETE from '@salesforce/label/c.AR_Task_Complete';
import LABEL_COMPLETE_THIS from '@salesforce/label/c.AR_Task_Complete_This';
import LABEL_COMPLETED from '@salesforce/label/c.AR_Task_Completed';
import LABEL_REFUSED from '@salesforce/label/c.AR_Task_Refused';

export default class ArTaskList extends LightningElement {
    /** Rows of Task, each with `accountId`, and `accountName` and `ownerName` where they are to be seen. */
    @api
    get tasks() {
        return this._tasks;
    }

    set tasks(tasks) {
        this._tasks = tasks ?? [];
        // A completed task that is gone may come back one day: then it is to be done again.
        const there = new Set(this._tasks.map(({ Id }) => Id));
        this.done = new Set([...this.done].filter((id) => there.has(id)));
    }

    label = { cancel: LABEL_CANCEL, comment: LABEL_COMMENT, complete: LABEL_COMPLETE };
    _tasks = [];
    done = new Set();
    comments = {};
    problems = {};
    opened;
    _focusComment = false;
    said = '';

    get lines() {
        return lines(this.tasks, this).map((line) => ({
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

    async handleComplete(event) {
        const { id } = event.currentTarget.dataset;
        const task = this.tasks.find(({ Id }) => Id === id);
        if (!task || this.done.has(id)) {
            return;
        }
        this.leave(task);
        try {
            // By GraphQL: the UI API's records, and so updateRecord, do not take tasks.
            const update = completion(task, this.comments[id]);
            await writeTogether([{ object: 'Task', id, update }]);
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
