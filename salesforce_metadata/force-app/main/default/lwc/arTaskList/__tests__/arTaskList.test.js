import { createElement } from '@lwc/engine-dom';
import { executeMutation } from 'lightning/graphql';
import { publish } from 'lightning/messageService';
import ArTaskList from 'c/arTaskList';

const TASKS = [
    {
        Id: 't1',
        Subject: 'INV-1 was due',
        ActivityDate: '2026-11-20',
        Description: 'Ask when.',
        accountId: '001',
        accountName: 'Acme',
        ownerName: 'Ada'
    },
    { Id: 't2', Subject: 'INV-2 was due', ActivityDate: '2026-11-26', accountId: '001' },
    { Id: 't3', Subject: 'INV-3', ActivityDate: null, accountId: '001' }
];

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-task-list', () => {
    let element;
    const told = jest.fn();

    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
        element = createElement('c-ar-task-list', { is: ArTaskList });
        element.tasks = TASKS;
        for (const type of ['completed', 'refused']) {
            element.addEventListener(type, ({ detail }) => told(type, detail));
        }
        document.body.appendChild(element);
    });

    afterEach(() => {
        jest.useRealTimers();
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    const find = (selector) => element.shadowRoot.querySelector(selector);
    const subjects = () =>
        [...element.shadowRoot.querySelectorAll('.subject')].map((one) => one.textContent);
    const click = async (selector) => {
        find(selector).click();
        await flush();
    };
    const written = () => executeMutation.mock.calls[0][0].variables.r0;
    const complete = async (comment) => {
        await click('lightning-button[data-id="t1"]');
        if (comment) {
            find('lightning-textarea').dispatchEvent(
                new CustomEvent('change', { detail: { value: comment } })
            );
        }
        await click('.buttons lightning-button[data-id="t1"]');
    };

    it('says what is to do, by when and for whom; late ones not by colour alone', () => {
        const due = [...element.shadowRoot.querySelectorAll('.due')].map((one) => one.textContent);
        expect(subjects()).toEqual(['INV-1 was due', 'INV-2 was due', 'INV-3']);
        expect(due).toEqual(['late: due Nov 20', 'due tomorrow', 'no due date']);
        expect(find('c-ar-link').label).toBe('Acme');
    });

    it('completes at once, with the comment added to what was there', async () => {
        let finish;
        executeMutation.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
        await complete(' Will pay Friday ');
        expect(subjects()).toEqual(['INV-2 was due', 'INV-3']);
        expect(written()).toEqual({
            Id: 't1',
            Task: { Status: 'Completed', Description: 'Ask when.\n\nWill pay Friday' }
        });
        expect(publish).not.toHaveBeenCalled();
        finish({ data: { uiapi: {} } });
        await flush();
        expect(publish).toHaveBeenCalledTimes(1);
        expect(told).toHaveBeenCalledWith('completed', {
            title: 'Completed: INV-1 was due',
            recordId: 't1'
        });
        expect(find('[role="status"]').textContent).toBe('Completed: INV-1 was due');
    });

    it('shows a task again that was opened again', async () => {
        await complete();
        element.tasks = TASKS.slice();
        await flush();
        expect(subjects()).toHaveLength(2);
        element.tasks = TASKS.slice(1);
        element.tasks = TASKS.slice();
        await flush();
        expect(subjects()).toHaveLength(3);
    });

    it('leaves the comments alone where none is added', async () => {
        await complete();
        expect(written()).toEqual({ Id: 't1', Task: { Status: 'Completed' } });
    });

    it('comes back with the reason and the comment where it is refused', async () => {
        executeMutation.mockResolvedValueOnce({
            errors: [{ message: 'A manager closes these.' }]
        });
        await complete('Called');
        expect(subjects()).toEqual(['INV-1 was due', 'INV-2 was due', 'INV-3']);
        expect(find('[role="alert"]').textContent).toBe('A manager closes these.');
        expect(find('lightning-textarea').value).toBe('Called');
        expect(told).toHaveBeenCalledWith(
            'refused',
            expect.objectContaining({
                title: 'Not completed: INV-1 was due'
            })
        );
        expect(publish).not.toHaveBeenCalled();
    });

    it('can be left without completing', async () => {
        await click('lightning-button[data-id="t1"]');
        await click('.buttons lightning-button');
        expect(find('lightning-textarea')).toBeNull();
        expect(executeMutation).not.toHaveBeenCalled();
    });
});
