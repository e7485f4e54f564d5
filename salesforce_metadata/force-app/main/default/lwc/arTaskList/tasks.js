/** Follow-up tasks as lines: plain functions behind the list. */
import { dayInFull, dayInWords, daysBetween, fill, today } from 'c/arWords';
import LABEL_DUE from '@salesforce/label/c.AR_Task_Due';
import LABEL_LATE from '@salesforce/label/c.AR_Task_Late';
import LABEL_NO_DATE from '@salesforce/label/c.AR_Task_No_Date';

/** What changes of a task that is completed; its comments keep what was in them. */
export function completion(task, comment) {
    const added = comment?.trim();
    return {
        Status: 'Completed',
        ...(added ? { Description: [task.Description, added].filter(Boolean).join('\n\n') } : {})
    };
}

/** Tasks as lines; those that were completed here are left out at once. */
export function lines(tasks, { done, opened, comments, problems }) {
    return tasks
        .filter(({ Id }) => !done.has(Id))
        .map((task) => ({
            id: task.Id,
            subject: task.Subject,
            accountId: task.accountId,
            accountName: task.accountName,
            owner: task.ownerName,
            due: dueWords(task.ActivityDate),
            dueInFull: dayInFull(task.ActivityDate),
            dueClass: isLate(task.ActivityDate) ? 'due late' : 'due',
            isOpened: opened === task.Id,
            isClosed: opened !== task.Id,
            comment: comments[task.Id] ?? '',
            problem: problems[task.Id]
        }));
}

function dueWords(day) {
    if (!day) {
        return LABEL_NO_DATE;
    }
    return fill(isLate(day) ? LABEL_LATE : LABEL_DUE, dayInWords(day));
}

function isLate(day) {
    return Boolean(day) && daysBetween(today(), day) < 0;
}
