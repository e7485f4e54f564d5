import { createElement } from '@lwc/engine-dom';
import { executeMutation, graphql } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import USER_ID from '@salesforce/user/Id';
import ArFollowUpForm from 'c/arFollowUpForm';
import { giving, taking } from '../followUp';

const ME = USER_ID;
const INFO = { updateable: true, fields: { Assigned_To__c: { updateable: true } } };

const invoice = (Id, assigned = null, name = null) => ({
    Id,
    Key__c: `acct:in_${Id}`,
    Assigned_To__c: assigned,
    Assigned_To__r: name && { Name: name }
});
const task = (Id, key, owner = '005O', status = 'Not Started') => ({
    Id,
    AR_Key__c: key,
    OwnerId: owner,
    Status: status
});
const plain = (row) =>
    Object.fromEntries(
        Object.entries(row).map(([name, held]) => {
            if (name === 'Id' || held === null) {
                return [name, name === 'Assigned_To__c' ? { value: null } : held];
            }
            return [name, typeof held === 'object' ? plain(held) : { value: held }];
        })
    );
const list = (rows, totalCount = rows.length) => ({
    edges: rows.map((row) => ({ node: plain(row) })),
    totalCount
});
const answer = (invoices, tasks = [], count = invoices.length) => ({
    uiapi: {
        query: {
            AR_Invoice__c: list(invoices, count),
            Task: list(tasks),
            Account: list([{ Id: '001', OwnerId: '005O' }])
        }
    }
});

const flush = async () => {
    for (let turn = 0; turn < 8; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-follow-up-form', () => {
    let element;
    const saved = jest.fn();

    async function show(found, given = {}) {
        element = createElement('c-ar-follow-up-form', { is: ArFollowUpForm });
        Object.assign(element, { accountId: '001', ...given });
        element.addEventListener('saved', ({ detail }) => saved(detail));
        document.body.appendChild(element);
        getObjectInfo.emit(INFO);
        graphql.emit(found);
        await flush();
    }

    const frame = () => element.shadowRoot.querySelector('c-ar-form-frame');
    const sentences = () =>
        [...element.shadowRoot.querySelectorAll('.people li span')].map((one) => one.textContent);
    const text = () =>
        [...element.shadowRoot.querySelectorAll('p')].map((p) => p.textContent).join(' ');
    const save = async () => {
        frame().dispatchEvent(new CustomEvent('save'));
        await flush();
    };

    beforeEach(() => executeMutation.mockResolvedValue({ data: { uiapi: {} } }));

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('says who is on it, others first', async () => {
        await show(
            answer(
                [invoice('1'), invoice('2', '005B', 'Ben Carter'), invoice('3', ME, 'Me')],
                [],
                60
            )
        );
        expect(sentences()).toEqual([
            'Ben Carter is on 1 invoice.',
            'You are on 1 invoice.',
            'Nobody is on 1 invoice yet.'
        ]);
        expect(text()).toContain('Talk to Ben Carter before you take it over');
        expect(text()).toContain('These are the oldest 3 of 60.');
        expect(frame().saveLabel).toBe('Take it over');
    });

    it('takes the invoices and their open tasks in one mutation', async () => {
        const tasks = [
            task('t1', 'due:acct:in_1:20261101'),
            task('t2', 'due:acct:in_10:20261101'),
            task('t3', 'broken:a05:20261101')
        ];
        await show(answer([invoice('1'), invoice('2')], tasks));
        expect(frame().saveLabel).toBe("I'm on it");
        await save();
        expect(executeMutation).toHaveBeenCalledTimes(1);
        const mine = { OwnerId: ME, Status: 'In Progress' };
        expect(Object.values(executeMutation.mock.calls[0][0].variables)).toEqual([
            { Id: '1', AR_Invoice__c: { Assigned_To__c: ME } },
            { Id: 't1', Task: mine },
            { Id: '2', AR_Invoice__c: { Assigned_To__c: ME } },
            { Id: 't3', Task: mine }
        ]);
        expect(saved.mock.calls[0][0].title).toMatch(/^You are on it/);
    });

    it('shows it at once, and takes it back where it is refused', async () => {
        let answerIt;
        executeMutation.mockReturnValueOnce(new Promise((resolve) => (answerIt = resolve)));
        await show(answer([invoice('1')]));
        await save();
        expect(sentences()).toEqual(['You are on 1 invoice.']);
        expect(frame().saving).toBe(true);
        answerIt({
            errors: [
                {
                    message: 'x',
                    extensions: { ErrorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }
                }
            ]
        });
        await flush();
        expect(sentences()).toEqual(['Nobody is on 1 invoice yet.']);
        expect(frame().problems[0]).toMatch(/You may not change this record/);
        expect(saved).not.toHaveBeenCalled();
    });

    it('gives back what is mine', async () => {
        const tasks = [
            task('t1', 'due:acct:in_1:20261101', ME, 'In Progress'),
            task('t2', 'broken:a05:20261101', ME, 'In Progress'),
            task('t3', 'broken:a06:20261101', '005B', 'In Progress')
        ];
        await show(answer([invoice('1', ME)], tasks));
        expect(frame().saveLabel).toBe('Give it back');
        await save();
        const back = { OwnerId: '005O', Status: 'Not Started' };
        expect(Object.values(executeMutation.mock.calls[0][0].variables)).toEqual([
            { Id: '1', AR_Invoice__c: { Assigned_To__c: null } },
            { Id: 't1', Task: back },
            { Id: 't2', Task: back }
        ]);
        expect(saved.mock.calls[0][0].title).toMatch(/^Given back/);
    });

    it('can do both where some of it is mine', async () => {
        await show(answer([invoice('1', ME), invoice('2')]));
        const give = element.shadowRoot.querySelector('[slot="more"]');
        expect(give.label).toBe('Give it back');
        give.click();
        await flush();
        expect(Object.values(executeMutation.mock.calls[0][0].variables)).toEqual([
            { Id: '1', AR_Invoice__c: { Assigned_To__c: null } }
        ]);
    });

    it('asks for the chosen invoices', async () => {
        await show(answer([invoice('1')]), { invoices: [{ Id: '1' }] });
        expect(graphql.getLastConfig().variables).toEqual({
            accountId: '001',
            first: 50,
            ids: ['1']
        });
    });

    it('says how far it came where a later round was refused', async () => {
        const invoices = Array.from({ length: 40 }, (_, number) => invoice(`i${number}`));
        const tasks = invoices.map(({ Id, Key__c }) => task(`t${Id}`, `due:${Key__c}:20261101`));
        await show(answer(invoices, tasks));
        executeMutation.mockResolvedValueOnce({ data: { uiapi: {} } });
        executeMutation.mockResolvedValueOnce({ errors: [{ message: 'Locked.' }] });
        await save();
        expect(executeMutation).toHaveBeenCalledTimes(2);
        expect(frame().problems).toEqual([
            expect.stringMatching(/^50 records were changed/),
            'Locked.'
        ]);
    });

    it('says where there is nothing to follow up, and where somebody has no access', async () => {
        await show(answer([]));
        expect(text()).toContain('Nothing is overdue here');
        expect(frame().unready).toBe(true);
        graphql.emitErrors([
            { message: "Field 'AR_Invoice__c' in type 'RecordQuery' is undefined" }
        ]);
        await flush();
        expect(frame().blocked).toMatch(/Dueline User/);
    });

    it('finds the task of an invoice whose key was shortened', () => {
        const key = `acct:in_${'x'.repeat(90)}`;
        const row = { Id: '1', Key__c: key, Assigned_To__c: null };
        const short = task('t1', `due:${key.slice(0, 70)}~0123456789abcdef:20261101`);
        expect(
            taking([row], [short], ME)
                .flat()
                .map(({ id }) => id)
        ).toEqual(['1', 't1']);
    });

    it('leaves tasks for broken promises where only some invoices are given back', () => {
        const broken = task('t2', 'broken:a05:20261101', ME);
        expect(giving([invoice('1', ME)], [broken], ME, '005O', false)).toEqual([
            [{ object: 'AR_Invoice__c', id: '1', update: { Assigned_To__c: null } }]
        ]);
    });
});
