import { pipelineOf, warningOf } from '../warning';
import {
    ADA,
    ME,
    account,
    answer,
    euros,
    invoice,
    opportunities,
    pipeline,
    summary
} from '../../../../../../jest-mocks/answers/warning';

function text(lists) {
    return warningOf(answer(lists))?.text;
}

describe('the words of the warning', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('says what is owed, the final notice and the disputes', () => {
        const lists = {
            Account: account({ AR_Final_Notice_On__c: '2026-11-12', AR_On_Hold__c: true }),
            AR_Dispute__c: [{ Id: '1' }, { Id: '2' }]
        };
        expect(text(lists)).toBe(
            'Careful: Northwind owes $48,200 past due, oldest 34 days; final notice sent Nov 12; ' +
                '2 disputes open; reminders on hold'
        );
        expect(text({ AR_Invoice__c: [invoice({ Days_Past_Due__c: 1 })] })).toBe(
            'Careful: Northwind owes $48,200 past due, oldest 1 day'
        );
    });

    it('never adds up two currencies', () => {
        expect(text({ AR_Summary__c: [euros(), summary()], AR_Invoice__c: [] })).toBe(
            'Careful: Northwind owes €900.50 and $48,200 past due'
        );
    });

    it.each([
        [{ Account: account({ AR_Final_Notice_On__c: '2026-11-12' }) }, 'final notice sent Nov 12'],
        [{ AR_Dispute__c: [{ Id: '1' }] }, '1 dispute open'],
        [{ Account: account({ AR_On_Hold__c: true }) }, 'reminders on hold']
    ])('names the account where nothing is overdue: %#', (lists, words) => {
        const nothing = { AR_Summary__c: [], AR_Invoice__c: [] };
        expect(text({ ...nothing, ...lists })).toBe(`Careful: Northwind: ${words}`);
    });

    it('warns of nothing where there is nothing', () => {
        expect(text({ AR_Summary__c: [summary({ Overdue__c: 0 })], AR_Invoice__c: [] })).toBe(
            undefined
        );
        expect(text({ Account: [] })).toBe(undefined);
    });

    it('is serious over 90 days and after a final notice', () => {
        const severe = (lists) => warningOf(answer(lists)).isSevere;
        expect(severe({})).toBe(false);
        expect(severe({ AR_Summary__c: [summary({ Bucket_Over_90__c: 1 })] })).toBe(true);
        expect(severe({ Account: account({ AR_Final_Notice_On__c: '2026-11-12' }) })).toBe(true);
    });

    it('says whom to talk to', () => {
        const advice = (lists) => warningOf(answer(lists)).advice;
        const ben = { Assigned_To__c: '005000000000002AAA', Assigned_To__r: { Name: 'Ben Li' } };
        expect(advice({})).toBe('Nobody follows it up yet.');
        expect(advice({ AR_Invoice__c: [invoice(ADA)] })).toBe(
            'Talk to Ada Okafor (follows up) before you sell or renew.'
        );
        expect(advice({ AR_Invoice__c: [invoice(ADA), invoice(ben)] })).toBe(
            'Talk to Ada Okafor and Ben Li (follow up) before you sell or renew.'
        );
        const mine = [{ Id: '1', Status: 'In Progress', OwnerId: ME, Owner: { Name: 'Me' } }];
        expect(advice({ Task: mine })).toBe('You follow it up.');
    });
});

describe('the open pipeline', () => {
    it('sums each currency by itself', () => {
        const open = opportunities(
            [100_000, 'USD'],
            [20_000.5, 'USD'],
            [900, 'EUR'],
            [null, 'EUR']
        );
        expect(pipelineOf(pipeline(open))).toBe(
            'Open pipeline on this account: $120,000.50 and €900 in 4 opportunities'
        );
    });

    it('is in the currency of the org where it has one', () => {
        expect(pipelineOf(pipeline(opportunities([5000])))).toBe(
            'Open pipeline on this account: $5,000 in 1 opportunity'
        );
    });

    it('says where it was not read to its end', () => {
        expect(pipelineOf(pipeline(opportunities([5000]), true))).toContain('at least $5,000');
    });

    it('is silent without an amount', () => {
        expect(pipelineOf(pipeline(opportunities([null])))).toBeUndefined();
        expect(pipelineOf(pipeline([]))).toBeUndefined();
    });
});
