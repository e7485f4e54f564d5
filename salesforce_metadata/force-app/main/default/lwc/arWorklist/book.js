/** What the query answered, as the lists of the screen: from rows to items, in one place. */
import { rows } from 'c/arRows';
import { brokenPromises, comingPromises, ranked } from './ranking';
import { itemOf, noneWords, pipelineWords, promiseItem, taskRow } from './words';

/**
 * @param {object} found `data.uiapi.query`
 * @param {{me: string, today: string, ownCurrency: string, mine: boolean}} around
 */
export function bookOf(found, { me, today, ownCurrency, mine }) {
    const facts = {
        summaries: rows(found.AR_Summary__c),
        commitments: rows(found.AR_Commitment__c),
        disputes: rows(found.AR_Dispute__c),
        assigned: rows(found.AR_Invoice__c),
        escalations: rows(found.AR_Activity__c),
        tasks: rows(found.Task)
    };
    const overdue = facts.summaries.filter((row) => row.Overdue__c > 0).length;
    const opportunities = found.Opportunity;
    return {
        toDo: ranked(facts, me, today).map(itemOf),
        coming: comingPromises(facts).map((row) => promiseItem(row, 'promised')),
        broken: brokenPromises(facts).map((row) => promiseItem(row, 'broken')),
        tasks: facts.tasks.filter(({ OwnerId }) => OwnerId === me).map(taskRow),
        pipeline: pipelineWords(rows(opportunities), ownCurrency, opportunities?.totalCount ?? 0),
        none: noneWords(found.Account.totalCount, overdue, mine),
        asOf: rows(found.AR_Sync__c)[0]?.Caught_Up_At__c
    };
}
