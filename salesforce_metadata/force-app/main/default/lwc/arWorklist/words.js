/** The worklist in words: plain functions from what was ranked to what one reads. */
import { ago, count, dayInWords, dayOf, fill, instant, money, plural } from 'c/arWords';
import { byCurrency } from 'c/arBalances';
import { leftOf } from './ranking';
import LABEL_PIPELINE_MANY from '@salesforce/label/c.AR_Worklist_Pipeline_Many';
import LABEL_PIPELINE_ONE from '@salesforce/label/c.AR_Worklist_Pipeline_One';
import LABEL_PIPELINE_PART from '@salesforce/label/c.AR_Worklist_Pipeline_Part';
import LABEL_BROKEN from '@salesforce/label/c.AR_Worklist_Broken';
import LABEL_CONTESTED from '@salesforce/label/c.AR_Worklist_Contested';
import LABEL_DISPUTE_BREACHED from '@salesforce/label/c.AR_Worklist_Dispute_Breached';
import LABEL_DISPUTE_MINE from '@salesforce/label/c.AR_Worklist_Dispute_Mine';
import LABEL_DISPUTE_MINE_BY from '@salesforce/label/c.AR_Worklist_Dispute_Mine_By';
import LABEL_ESCALATED from '@salesforce/label/c.AR_Worklist_Escalated';
import LABEL_FINAL_NOTICE from '@salesforce/label/c.AR_Worklist_Final_Notice';
import LABEL_ME_ON_IT from '@salesforce/label/c.AR_Worklist_Me_On_It';
import LABEL_NO_NAME from '@salesforce/label/c.AR_Worklist_No_Name';
import LABEL_NONE_ALL from '@salesforce/label/c.AR_Worklist_None_All';
import LABEL_NONE_MANY from '@salesforce/label/c.AR_Worklist_None_Many';
import LABEL_NONE_NO_ACCOUNTS from '@salesforce/label/c.AR_Worklist_None_No_Accounts';
import LABEL_NONE_ONE from '@salesforce/label/c.AR_Worklist_None_One';
import LABEL_NONE_WAITING from '@salesforce/label/c.AR_Worklist_None_Waiting';
import LABEL_ON_IT from '@salesforce/label/c.AR_Worklist_On_It';
import LABEL_OVERDUE from '@salesforce/label/c.AR_Worklist_Overdue';
import LABEL_OVERDUE_AMOUNT from '@salesforce/label/c.AR_Worklist_Overdue_Amount';
import LABEL_OVERDUE_PART from '@salesforce/label/c.AR_Worklist_Overdue_Part';
import LABEL_PROMISED from '@salesforce/label/c.AR_Worklist_Promised';
import LABEL_SOMEBODY from '@salesforce/label/c.AR_FollowUp_Somebody';
import LABEL_TASK_MANY from '@salesforce/label/c.AR_Worklist_Task_Many';
import LABEL_TASK_ONE from '@salesforce/label/c.AR_Worklist_Task_One';

const ICONS = {
    broken: 'utility:error',
    promised: 'utility:event',
    escalated: 'utility:priority',
    finalNotice: 'utility:email',
    overdue: 'utility:clock',
    dispute: 'utility:warning',
    task: 'utility:task'
};
/** What one does about it first. */
const NEXT = {
    broken: 'call',
    promised: 'call',
    escalated: 'call',
    finalNotice: 'call',
    overdue: 'commitment',
    dispute: 'note',
    task: 'task'
};
const PRESSING = new Set(['broken', 'finalNotice']);

/** Each reason in words. */
const WORDS = {
    broken: ({ row }) =>
        fill(
            LABEL_BROKEN,
            money(leftOf(row), row.Currency__c, { whole: true }),
            dayInWords(row.Promised_On__c)
        ),
    promised: ({ row }) =>
        fill(
            LABEL_PROMISED,
            money(row.Amount__c, row.Currency__c, { whole: true }),
            dayInWords(row.Promised_On__c)
        ),
    escalated: ({ row }) =>
        fill(LABEL_ESCALATED, row.CreatedBy?.Name ?? LABEL_SOMEBODY, ago(dayOf(row.CreatedDate))),
    finalNotice: ({ on }) => fill(LABEL_FINAL_NOTICE, ago(on)),
    overdue: overdueReason,
    dispute: ({ row }) => disputeWords(row),
    task: ({ count: number, on }) =>
        fill(number === 1 ? LABEL_TASK_ONE : LABEL_TASK_MANY, count(number), dayInWords(on))
};

/** A ranked account as a line of the list. */
export function itemOf(account) {
    return {
        id: account.id,
        accountId: account.id,
        name: account.name ?? LABEL_NO_NAME,
        amounts: account.owed.filter((row) => row.Overdue__c > 0).map(overdueWords),
        reasons: account.reasons.map(reasonLine),
        handler: handlerWords(account.people),
        isOthers: account.isOthers,
        primary: account.isOthers ? 'followUp' : NEXT[account.reasons[0].kind]
    };
}

/** A promise as a line of its own. */
export function promiseItem(row, kind) {
    return {
        id: row.Id,
        accountId: row.Account__c,
        name: row.Account__r?.Name ?? LABEL_NO_NAME,
        amounts: [],
        reasons: [reasonLine({ kind, row })],
        primary: NEXT[kind]
    };
}

/** A task as the list of tasks takes it. */
export function taskRow(task) {
    return { ...task, accountId: task.AccountId, accountName: task.Account?.Name };
}

/** Why there is nothing in the list. */
export function noneWords(accounts, overdue, mine) {
    if (overdue) {
        return LABEL_NONE_WAITING;
    }
    if (!mine) {
        return fill(LABEL_NONE_ALL, count(accounts));
    }
    return accounts ? plural(accounts, LABEL_NONE_ONE, LABEL_NONE_MANY) : LABEL_NONE_NO_ACCOUNTS;
}

/** Open pipeline on overdue accounts, for each currency: "$1,200,000 (3 opportunities)". */
export function pipelineWords(opportunities, ownCurrency, whole) {
    const rows = opportunities
        .filter(({ Amount }) => Amount > 0)
        .map((row) => ({ ...row, Currency__c: row.CurrencyIsoCode ?? ownCurrency }));
    const isPart = whole > opportunities.length;
    return byCurrency(rows, ({ Amount }) => Amount).map(({ currency, amount, rows: held }) => ({
        currency,
        text: fill(
            pipelineLabel(isPart, held.length),
            money(amount, currency, { whole: true }),
            count(held.length)
        )
    }));
}

function pipelineLabel(isPart, number) {
    if (isPart) {
        return LABEL_PIPELINE_PART;
    }
    return number === 1 ? LABEL_PIPELINE_ONE : LABEL_PIPELINE_MANY;
}

function overdueWords(row) {
    return {
        currency: row.Currency__c,
        text: fill(LABEL_OVERDUE_AMOUNT, money(row.Overdue__c, row.Currency__c, { whole: true }))
    };
}

function handlerWords(people) {
    if (people.some(({ isMe }) => isMe)) {
        return LABEL_ME_ON_IT;
    }
    return people.length ? fill(LABEL_ON_IT, people[0].name ?? LABEL_SOMEBODY) : undefined;
}

function reasonLine(reason, index) {
    return {
        key: reason.row?.Id ?? `${reason.kind}${index}`,
        kind: reason.kind,
        icon: ICONS[reason.kind],
        iconVariant: PRESSING.has(reason.kind) ? 'error' : undefined,
        text: WORDS[reason.kind](reason)
    };
}

function disputeWords(row) {
    const amount = money(row.Disputed_Amount__c, row.Currency__c, { whole: true });
    if (row.SLA_Breached__c) {
        return fill(LABEL_DISPUTE_BREACHED, amount, instant(row.SLA_Due_At__c));
    }
    return row.SLA_Due_At__c
        ? fill(LABEL_DISPUTE_MINE_BY, amount, dayInWords(dayOf(row.SLA_Due_At__c)))
        : fill(LABEL_DISPUTE_MINE, amount);
}

/** The amounts stand beside it: they are said again only where they are not all of them. */
function overdueReason({ rows, since, isAll }) {
    const amounts = (name) =>
        rows
            .filter((row) => row[name] > 0)
            .map((row) => money(row[name], row.Currency__c, { whole: true }))
            .join(', ');
    const words = isAll
        ? fill(LABEL_OVERDUE, dayInWords(since))
        : fill(LABEL_OVERDUE_PART, amounts('Overdue__c'), dayInWords(since));
    const contested = amounts('Disputed__c');
    return contested ? `${words}; ${fill(LABEL_CONTESTED, contested)}` : words;
}
