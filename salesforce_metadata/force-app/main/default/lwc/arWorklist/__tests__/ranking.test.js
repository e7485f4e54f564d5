import USER_ID from '@salesforce/user/Id';
import { brokenPromises, comingPromises, leftOf, ranked } from '../ranking';

const ME = USER_ID;
const TODAY = '2026-11-25';

const summary = (account, overdue, more = {}) => ({
    Account__c: account,
    Account__r: { Name: `Name ${account}`, ...more.account },
    Currency__c: 'USD',
    Overdue__c: overdue,
    Promised__c: 0,
    Disputed__c: 0,
    Oldest_Due_On__c: '2026-11-05',
    ...more
});
const promise = (account, status, on, more = {}) => ({
    Id: `${account}/${status}/${on}`,
    Account__c: account,
    Account__r: { Name: `Name ${account}` },
    Amount__c: 100,
    Kept_Amount__c: 0,
    Currency__c: 'USD',
    Promised_On__c: on,
    Status__c: status,
    ...more
});
const task = (account, on, more = {}) => ({
    AccountId: account,
    Account: { Name: `Name ${account}` },
    OwnerId: ME,
    Status: 'Not Started',
    ActivityDate: on,
    ...more
});
const facts = (given) => ({
    summaries: [],
    commitments: [],
    disputes: [],
    assigned: [],
    escalations: [],
    tasks: [],
    ...given
});
const order = (given) => ranked(facts(given), ME, TODAY).map(({ id }) => id);
const kinds = (given) =>
    ranked(facts(given), ME, TODAY).map(({ reasons }) => reasons.map(({ kind }) => kind));

describe('ranking of the worklist', () => {
    it('puts the most pressing reason first', () => {
        const given = {
            summaries: [
                summary('broken', 1),
                summary('promised', 1, { Promised__c: 1 }),
                summary('final', 1, { Promised__c: 1, account: { AR_Final_Notice_On__c: TODAY } }),
                summary('overdue', 1_000_000)
            ],
            commitments: [
                promise('broken', 'Broken', '2026-11-20'),
                promise('promised', 'Open', '2026-11-27')
            ],
            disputes: [{ Account__c: 'dispute', SLA_Breached__c: true }],
            escalations: [{ Account__c: 'escalated' }],
            tasks: [task('task', '2026-11-25')]
        };
        expect(order(given)).toEqual([
            'broken',
            'escalated',
            'final',
            'overdue',
            'promised',
            'dispute',
            'task'
        ]);
    });

    it('shows an account once, with all its reasons', () => {
        const given = {
            summaries: [summary('a', 10)],
            commitments: [promise('a', 'Partly Kept', '2026-11-20')],
            tasks: [task('a', '2026-11-24'), task('a', '2026-11-25'), task('a', '2026-11-30')]
        };
        expect(kinds(given)).toEqual([['broken', 'overdue', 'task']]);
        const [{ reasons }] = ranked(facts(given), ME, TODAY);
        expect(reasons[2]).toMatchObject({ count: 2, on: '2026-11-24' });
    });

    it('weighs amount by age within the same reason', () => {
        const given = {
            summaries: [
                summary('young', 300),
                summary('old', 200, { Oldest_Due_On__c: '2026-08-01' }),
                summary('small', 100)
            ]
        };
        expect(order(given)).toEqual(['old', 'young', 'small']);
    });

    it('compares amounts of two currencies by how big they are among their own', () => {
        const yen = (account, overdue) => summary(account, overdue, { Currency__c: 'JPY' });
        const given = {
            summaries: [
                yen('yen', 1_000_000),
                yen('more-yen', 1_100_000),
                summary('dollars', 100),
                summary('many-dollars', 900)
            ]
        };
        expect(order(given)[0]).toBe('many-dollars');
    });

    it('puts what somebody else is on last, and keeps what I am on', () => {
        const assigned = (account, id) => ({
            Account__c: account,
            Assigned_To__c: id,
            Assigned_To__r: { Name: 'Ben' }
        });
        const given = {
            summaries: [summary('bens', 900), summary('mine', 800), summary('free', 700)],
            assigned: [assigned('bens', '005B'), assigned('mine', ME)]
        };
        expect(order(given)).toEqual(['mine', 'free', 'bens']);
        const [, , last] = ranked(facts(given), ME, TODAY);
        expect(last).toMatchObject({ isOthers: true, people: [{ name: 'Ben', isMe: false }] });
    });

    it('counts a task in progress as being on it', () => {
        const given = {
            summaries: [summary('bens', 900), summary('free', 1)],
            tasks: [task('bens', TODAY, { OwnerId: '005B', Status: 'In Progress' })]
        };
        expect(order(given)).toEqual(['free', 'bens']);
    });

    it('leaves out what wants nothing now', () => {
        expect(
            order({
                summaries: [summary('not-overdue', 0), summary('promised', 5, { Promised__c: 5 })],
                tasks: [task('later', '2026-12-24'), task('bens', TODAY, { OwnerId: '005B' })]
            })
        ).toEqual([]);
    });

    it('takes a broken promise as answered by a newer one, or by payment', () => {
        const broken = promise('a', 'Broken', '2026-11-20');
        const newer = promise('a', 'Open', '2026-11-28');
        const still = { summaries: [summary('a', 5)], commitments: [broken] };
        expect(brokenPromises(facts(still))).toEqual([broken]);
        const answered = { ...still, commitments: [broken, newer] };
        expect(brokenPromises(facts(answered))).toEqual([]);
        expect(comingPromises(facts(answered))).toEqual([newer]);
        const paid = { ...still, summaries: [summary('a', 0)] };
        expect(brokenPromises(facts(paid))).toEqual([]);
        const otherCurrency = { ...still, summaries: [summary('a', 5, { Currency__c: 'EUR' })] };
        expect(brokenPromises(facts(otherCurrency))).toEqual([]);
    });

    it('knows what is left of a promise, exactly', () => {
        expect(leftOf({ Amount__c: 0.3, Kept_Amount__c: 0.1, Currency__c: 'USD' })).toBe(0.2);
        expect(leftOf({ Amount__c: 5, Kept_Amount__c: null, Currency__c: 'JPY' })).toBe(5);
    });
});
