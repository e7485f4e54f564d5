import { createElement } from '@lwc/engine-dom';
import { graphql } from 'lightning/graphql';
import { tellChanged } from 'c/arLive';
import USER_ID from '@salesforce/user/Id';
import ArTaskForm from 'c/arTaskForm';

const node = (Id, owner, name) => ({
    node: {
        Id,
        Subject: { value: `Task ${Id}` },
        ActivityDate: { value: '2026-11-20' },
        Description: { value: null },
        OwnerId: { value: owner },
        Owner: { Name: { value: name } }
    }
});
const answer = (...edges) => ({ uiapi: { query: { Task: { edges } } } });

const flush = async () => {
    await Promise.resolve();
    await Promise.resolve();
};

describe('c-ar-task-form', () => {
    let element;

    beforeEach(() => {
        element = createElement('c-ar-task-form', { is: ArTaskForm });
        element.accountId = '001';
        document.body.appendChild(element);
    });

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    const find = (selector) => element.shadowRoot.querySelector(selector);
    const ids = () => find('c-ar-task-list').tasks.map(({ Id }) => Id);

    it("shows that it reads, then my follow-ups, and everybody's on request", async () => {
        expect(find('lightning-spinner')).not.toBeNull();
        graphql.emit(answer(node('t1', USER_ID, 'Me'), node('t2', '005B', 'Ben')));
        await flush();
        expect(ids()).toEqual(['t1']);
        find('lightning-radio-group').dispatchEvent(
            new CustomEvent('change', { detail: { value: 'all' } })
        );
        await flush();
        expect(ids()).toEqual(['t1', 't2']);
        expect(find('c-ar-task-list').tasks[1]).toMatchObject({
            ownerName: 'Ben',
            accountId: '001'
        });
    });

    it("starts with everybody's where none is mine", async () => {
        graphql.emit(answer(node('t2', '005B', 'Ben')));
        await flush();
        expect(ids()).toEqual(['t2']);
    });

    it('says where there is none', async () => {
        graphql.emit(answer());
        await flush();
        expect(find('.none').textContent).toBe('No follow-up is open for this account.');
    });

    it('reads again when it opens, and when something changed on this account', async () => {
        const refresh = jest.fn();
        graphql.emit(answer(), undefined, refresh);
        graphql.emit(answer(), undefined, refresh);
        expect(refresh).toHaveBeenCalledTimes(1);
        tellChanged('002');
        tellChanged('001');
        expect(refresh).toHaveBeenCalledTimes(2);
    });

    it('says what hindered it', async () => {
        graphql.emitErrors([{ message: "Field 'AR_Key__c' in type 'Task' is undefined" }]);
        await flush();
        expect(find('[role="alert"]').textContent).toMatch(/permission set "Dueline User"/);
    });

    it('closes', () => {
        const cancel = jest.fn();
        element.addEventListener('cancel', cancel);
        find('lightning-button').click();
        expect(cancel).toHaveBeenCalledTimes(1);
    });
});
