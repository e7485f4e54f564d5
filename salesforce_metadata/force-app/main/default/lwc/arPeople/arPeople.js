/**
 * Who follows an account up: the one rule for it, for every component that says so.
 *
 * A person is on it whom an overdue invoice is assigned to, or who has one of Dueline's tasks in progress.
 */
import USER_ID from '@salesforce/user/Id';

const IN_PROGRESS = 'In Progress';

/**
 * The people on it, in the order of the oldest overdue invoice, as `{ id, name, isMe }`; `name` undefined where this
 * person may not see the other one.
 *
 * @param {object[]} overdue rows with Assigned_To__c and Assigned_To__r.Name, the oldest first
 * @param {object[]} tasks open tasks of Dueline with Status, OwnerId and Owner.Name
 */
export function peopleOnIt(overdue, tasks) {
    const found = new Map();
    for (const { Assigned_To__c, Assigned_To__r } of overdue) {
        found.set(Assigned_To__c, Assigned_To__r?.Name);
    }
    for (const { Status, OwnerId, Owner } of tasks) {
        if (Status === IN_PROGRESS) {
            found.set(OwnerId, Owner?.Name ?? found.get(OwnerId));
        }
    }
    return [...found]
        .filter(([id]) => id)
        .map(([id, name]) => ({ id, name: name ?? undefined, isMe: id === USER_ID }));
}
