import { createElement } from '@lwc/engine-dom';
import { graphql } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { tellChanged } from 'c/arLive';
import USER_ID from '@salesforce/user/Id';
import ArWorklist from 'c/arWorklist';

const ME = USER_ID;
const OPPORTUNITY = { fields: { Amount: {}, CurrencyIsoCode: {} } };

/** A row as GraphQL answers: ids plain, parents as nodes, everything else as a value. */
const node = (row) =>
    Object.fromEntries(
        Object.entries(row).map(([name, held]) => {
            const isParent = held !== null && typeof held === 'object';
            const value = isParent ? node(held) : { value: held };
            return [name, name === 'Id' ? held : value];
        })
    );
const list = (rows = [], totalCount = rows.length) => ({
    edges: rows.map((row) => ({ node: node(row) })),
    totalCount
});
const NAMES = [
    'AR_Summary__c',
    'AR_Commitment__c',
    'AR_Dispute__c',
    'AR_Invoice__c',
    'AR_Activity__c',
    'Task',
    'AR_Sync__c'
];
const answer = ({ accounts = 12, pipeline, ...lists } = {}) => ({
    uiapi: {
        query: {
            ...Object.fromEntries(NAMES.map((name) => [name, list(lists[name])])),
            Opportunity: pipeline ?? list(),
            Account: list([], accounts)
        }
    }
});
const ACME = {
    Id: 's1',
    Account__c: '001A',
    Account__r: { Name: 'Acme', AR_Final_Notice_On__c: '2026-11-22', Owner: { Name: 'Ada' } },
    Currency__c: 'USD',
    Overdue__c: 48200,
    Promised__c: 0,
    Disputed__c: 0,
    Oldest_Due_On__c: '2026-10-22'
};
const BOLT = {
    ...ACME,
    Id: 's2',
    Account__c: '001B',
    Account__r: { Name: 'Bolt', AR_Final_Notice_On__c: null, Owner: { Name: 'Ada' } },
    Currency__c: 'EUR',
    Overdue__c: 300,
    Disputed__c: 100
};
const PROMISE = {
    Id: 'c1',
    Account__c: '001B',
    Account__r: { Name: 'Bolt' },
    Amount__c: 250,
    Kept_Amount__c: 0,
    Currency__c: 'EUR',
    Promised_On__c: '2026-11-27',
    Status__c: 'Open'
};
const TASK = {
    Id: 't1',
    Subject: 'INV-1 was due',
    Status: 'Not Started',
    Description: null,
    ActivityDate: '2026-11-24',
    AccountId: '001A',
    Account: { Name: 'Acme' },
    OwnerId: ME,
    Owner: { Name: 'Me' }
};

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-worklist', () => {
    let element;

    async function show(found, { info = OPPORTUNITY, refresh, ...given } = {}) {
        element = createElement('c-ar-worklist', { is: ArWorklist });
        Object.assign(element, given);
        document.body.appendChild(element);
        getObjectInfo.emit(info);
        await flush();
        if (found) {
            graphql.emit(found, undefined, refresh);
            await flush();
        }
    }

    const find = (selector) => element.shadowRoot.querySelector(selector);
    const all = (selector) => [...element.shadowRoot.querySelectorAll(selector)];
    const tab = (value) => all('lightning-tab').find((one) => one.value === value);
    const items = (value) =>
        [...tab(value).querySelectorAll('c-ar-work-item')].map(({ item }) => item);
    const notices = () => all('c-ar-notice').map(({ text }) => text);
    const reasonsOf = (item) => item.reasons.map(({ text }) => text);

    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });

    afterEach(() => {
        jest.useRealTimers();
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('shows that it reads', async () => {
        await show();
        expect(find('lightning-spinner')).not.toBeNull();
    });

    it('says of each account why to act, and offers what to do', async () => {
        await show(answer({ AR_Summary__c: [ACME, BOLT], Task: [TASK] }));
        const [acme, bolt] = items('toDo');
        expect(acme).toMatchObject({ name: 'Acme', primary: 'call' });
        expect(acme.amounts).toEqual([{ currency: 'USD', text: '$48,200 overdue' }]);
        expect(reasonsOf(acme)).toEqual([
            'Final notice sent 3 days ago',
            'Nothing promised, oldest due Oct 22',
            '1 follow-up due yesterday'
        ]);
        expect(bolt.primary).toBe('commitment');
        expect(reasonsOf(bolt)).toEqual(['Nothing promised, oldest due Oct 22; €100 contested']);
        expect(tab('toDo').label).toBe('To do (2)');
    });

    it('says which amounts are not promised where others are', async () => {
        const euro = { ...ACME, Id: 's3', Currency__c: 'EUR', Overdue__c: 50 };
        await show(answer({ AR_Summary__c: [{ ...ACME, Promised__c: 10 }, euro] }));
        const [acme] = items('toDo');
        expect(acme.amounts.map(({ text }) => text)).toEqual(['$48,200 overdue', '€50 overdue']);
        expect(reasonsOf(acme)[1]).toBe('Nothing promised for €50, oldest due Oct 22');
    });

    it('has promises of this week, broken ones and my tasks apart', async () => {
        const broken = { ...PROMISE, Id: 'c2', Account__c: '001A', Currency__c: 'USD' };
        await show(
            answer({
                AR_Summary__c: [ACME, BOLT],
                AR_Commitment__c: [
                    PROMISE,
                    {
                        ...broken,
                        Account__r: { Name: 'Acme' },
                        Status__c: 'Partly Kept',
                        Promised_On__c: '2026-11-20',
                        Kept_Amount__c: 50
                    }
                ],
                Task: [TASK, { ...TASK, Id: 't2', OwnerId: '005B' }]
            })
        );
        expect(items('coming').map(reasonsOf)).toEqual([['Promised €250 for Friday']]);
        expect(items('broken').map(reasonsOf)).toEqual([
            ['Did not keep the promise of $200 for Nov 20']
        ]);
        const { tasks } = find('c-ar-task-list');
        expect(tasks).toEqual([
            expect.objectContaining({ Id: 't1', accountId: '001A', accountName: 'Acme' })
        ]);
        expect(tab('tasks').label).toBe('My tasks (1)');
    });

    it('says who is on it, and puts it last', async () => {
        const assigned = {
            Id: 'i1',
            Account__c: '001A',
            Assigned_To__c: '005B',
            Assigned_To__r: { Name: 'Ben Carter' }
        };
        await show(answer({ AR_Summary__c: [ACME, BOLT], AR_Invoice__c: [assigned] }));
        const [, acme] = items('toDo');
        expect(acme).toMatchObject({
            name: 'Acme',
            handler: 'Ben Carter is on it',
            primary: 'followUp'
        });
    });

    it('shows the open pipeline on overdue accounts, each currency for itself', async () => {
        const rows = [
            { Id: 'o1', Amount: 100, CurrencyIsoCode: 'USD' },
            { Id: 'o2', Amount: 200, CurrencyIsoCode: 'USD' },
            { Id: 'o3', Amount: 50, CurrencyIsoCode: 'EUR' },
            { Id: 'o4', Amount: null, CurrencyIsoCode: 'EUR' }
        ];
        await show(answer({ pipeline: list(rows) }));
        expect(all('.pipeline dd').map((one) => one.textContent)).toEqual([
            '€50 (1 opportunity)',
            '$300 (2 opportunities)'
        ]);
    });

    it('does not ask for opportunities that one may not see, nor for a currency that is not there', async () => {
        await show(undefined, { info: { fields: { Amount: {} } } });
        expect(graphql.getLastConfig().query).toContain('Opportunity(');
        expect(graphql.getLastConfig().query).not.toContain('CurrencyIsoCode');
        getObjectInfo.error();
        await flush();
        expect(graphql.getLastConfig().query).not.toContain('Opportunity(');
    });

    it('asks for accounts of mine, and for all on request, never mixing them up', async () => {
        await show(answer({ AR_Summary__c: [ACME] }));
        expect(graphql.getLastConfig().query).toContain('Account__r: { OwnerId: { eq: $me } }');
        expect(graphql.getLastConfig().variables).toEqual({
            me: ME,
            until: '2026-12-02',
            since: '2026-11-11T15:00:00.000Z',
            first: 500
        });
        find('lightning-combobox').dispatchEvent(
            new CustomEvent('change', { detail: { value: 'all' } })
        );
        await flush();
        expect(find('lightning-spinner')).not.toBeNull();
        expect(graphql.getLastConfig().query).not.toContain('OwnerId: { eq: $me } }');
    });

    it.each([
        [{ accounts: 12 }, 'Nothing to do: none of your 12 accounts is overdue.'],
        [{ accounts: 1 }, 'Nothing to do: your one account is not overdue.'],
        [{ accounts: 0 }, /^You own no accounts/],
        [
            { AR_Summary__c: [{ ...BOLT, Promised__c: 300 }] },
            'Nothing to do now: for all that is overdue there is a promise for later.'
        ]
    ])('says that there is nothing to do: %#', async (given, words) => {
        await show(answer(given));
        expect(notices()).toContainEqual(expect.stringMatching(words));
        expect(notices()).toContain('No promise is broken.');
    });

    it('shows so many accounts, and the rest on request', async () => {
        await show(answer({ AR_Summary__c: [ACME, BOLT] }), { maxAccounts: 1 });
        expect(items('toDo')).toHaveLength(1);
        const more = tab('toDo').querySelector('lightning-button');
        expect(more.label).toBe('Show all 2 accounts');
        more.click();
        await flush();
        expect(items('toDo')).toHaveLength(2);
    });

    it('reads again each minute, when something changed, and on request', async () => {
        const refresh = jest.fn().mockResolvedValue();
        await show(answer(), { refresh });
        jest.advanceTimersByTime(60_000);
        await flush();
        expect(refresh).toHaveBeenCalledTimes(1);
        tellChanged('001A');
        await flush();
        expect(refresh).toHaveBeenCalledTimes(2);
        find('lightning-button-icon').click();
        await flush();
        expect(refresh).toHaveBeenCalledTimes(3);
        element.remove();
        tellChanged('001A');
        expect(refresh).toHaveBeenCalledTimes(3);
    });

    it('keeps what it shows where it cannot be read again, and marks it as old', async () => {
        await show(answer({ AR_Summary__c: [ACME] }));
        graphql.emitErrors([{ message: 'Server busy' }]);
        await flush();
        expect(items('toDo')).toHaveLength(1);
        const [old] = all('c-ar-notice');
        expect(old.text).toMatch(/^This could not be read again. What you see is of Nov 25/);
        expect(old.details).toEqual(['Server busy']);
    });

    it('says what hindered it, and lets one try again', async () => {
        await show();
        const refresh = jest.fn();
        graphql.emitErrors([{ message: 'Server busy' }], undefined, refresh);
        await flush();
        expect(notices()).toEqual(['Server busy']);
        find('c-ar-notice').dispatchEvent(new CustomEvent('action'));
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('tells somebody without access what to ask for', async () => {
        await show();
        graphql.emitErrors([
            { message: "Field 'AR_Summary__c' in type 'RecordQuery' is undefined" }
        ]);
        await flush();
        expect(notices()).toEqual([expect.stringMatching(/permission set "Dueline User"/)]);
    });

    it('says as of when, and warns where Dueline is behind', async () => {
        await show(answer({ AR_Sync__c: [{ Id: 'y', Caught_Up_At__c: '2026-11-25T14:58:00Z' }] }));
        expect(find('.as-of').textContent).toBe('As of 2 minutes ago');
        expect(notices().join()).not.toMatch(/sent nothing/);
        graphql.emit(
            answer({ AR_Sync__c: [{ Id: 'y', Caught_Up_At__c: '2026-11-23T14:00:00Z' }] })
        );
        await flush();
        expect(notices()[0]).toMatch(/^Dueline has sent nothing since Nov 23/);
    });

    it('says in a toast what was completed, and what was refused', async () => {
        await show(answer({ Task: [TASK] }));
        const toast = jest.fn();
        element.addEventListener('lightning__showtoast', ({ detail }) => toast(detail));
        const tasks = find('c-ar-task-list');
        tasks.dispatchEvent(new CustomEvent('completed', { detail: { title: 'Completed: x' } }));
        await flush();
        const error = { body: { message: 'Locked.' } };
        tasks.dispatchEvent(
            new CustomEvent('refused', { detail: { title: 'Not completed: x', error } })
        );
        expect(toast.mock.calls).toEqual([
            [{ title: 'Completed: x', variant: 'success', message: '' }],
            [
                {
                    title: 'Not completed: x',
                    message: 'Locked.',
                    variant: 'error',
                    mode: 'sticky'
                }
            ]
        ]);
    });
});
