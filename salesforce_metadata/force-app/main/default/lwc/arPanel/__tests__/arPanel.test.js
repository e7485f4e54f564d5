import { createElement } from 'lwc';
import { graphql } from 'lightning/graphql';
import { getRecord } from 'lightning/uiRecordApi';
import ArPanel from 'c/arPanel';
import { onBucket, onChanged, tellBucket, tellChanged } from 'c/arLive';
import {
    ACCOUNT_ID,
    account,
    answer,
    current,
    dispute,
    invoice,
    summary
} from '../../../../../../jest-mocks/answers/panel';

jest.mock('c/arActions', () => jest.requireActual('../../../../../../jest-mocks/c/arActions'));

const HIDDEN = [
    { message: "Validation error: Field 'AR_Summary__c' in type 'RecordQuery' is undefined" }
];
const BROKEN = [{ message: 'The server is busy' }];
const NOW = '2026-11-25T15:00:00Z';

let stops = [];

function shown(over = {}) {
    const element = createElement('c-ar-panel', { is: ArPanel });
    Object.assign(element, { recordId: ACCOUNT_ID, objectApiName: 'Account', ...over });
    document.body.appendChild(element);
    return element;
}

async function answered(data, over, refresh) {
    const element = shown(over);
    graphql.emit(data, undefined, refresh);
    await settled();
    return element;
}

/** Micro tasks only: time stands still. */
async function settled() {
    for (let turn = 0; turn < 10; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
}

function notice(element) {
    const found = element.shadowRoot.querySelector('c-ar-notice');
    return found && [found.text, ...found.details];
}

function views(element) {
    return [...element.shadowRoot.querySelectorAll('c-ar-figures')].map(({ view }) => view);
}

function textOf({ textContent }) {
    return textContent;
}

function heard(listen) {
    const told = jest.fn();
    stops.push(listen(told));
    return told;
}

describe('c-ar-panel', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date(NOW));
    });
    afterEach(() => {
        document.body.replaceChildren();
        stops.forEach((stop) => stop());
        stops = [];
        jest.useRealTimers();
    });

    it('keeps the place of its figures while it loads', async () => {
        const element = shown();
        await settled();
        expect(element.shadowRoot.querySelector('[role=status]').textContent).toBe(
            'Loading receivables'
        );
        expect(element.shadowRoot.querySelectorAll('.bone')).toHaveLength(3);
    });

    it('asks for the account of the page, once it is known', async () => {
        shown();
        await settled();
        expect(graphql.getLastConfig().variables).toEqual({ accountId: ACCOUNT_ID });
        expect(graphql.getLastConfig().query).toContain('AR_Summary__c');
    });

    it('finds the account of an opportunity', async () => {
        shown({ recordId: '006000000000001AAA', objectApiName: 'Opportunity' });
        expect(graphql.getLastConfig()?.query).toBeUndefined();
        getRecord.emit({ fields: { AccountId: { value: ACCOUNT_ID } } });
        await settled();
        expect(graphql.getLastConfig().variables).toEqual({ accountId: ACCOUNT_ID });
    });

    it('says how the account stands, who is on it, and as of when', async () => {
        const element = await answered(answer());
        expect(views(element).map(({ headline }) => headline)).toEqual([
            '$48,200 overdue, oldest 34 days'
        ]);
        const root = element.shadowRoot;
        expect([...root.querySelector('.follow-up p').children].map(textOf)).toEqual([
            'Who is on it',
            'Nobody yet'
        ]);
        expect(root.querySelector('.as-of').textContent).toBe('As of 1 minute ago');
        expect(root.querySelector('c-ar-facts').facts[0].label).toBe('Last contact');
        expect(notice(element)).toBeNull();
    });

    it('shows each currency by itself, and the actions once', async () => {
        const yen = summary({ Id: 'a00000000000002AAA', Currency__c: 'JPY', Overdue__c: 0 });
        const element = await answered(answer({ AR_Summary__c: [yen, summary()] }));
        expect(views(element).map(({ title }) => title)).toEqual(['In JPY', 'In USD']);
        const root = element.shadowRoot;
        expect(root.querySelectorAll('c-ar-actions')).toHaveLength(1);
        const headlines = [...root.querySelectorAll('c-ar-headline')];
        expect(headlines.map(({ text }) => text)).toEqual(
            views(element).map(({ headline }) => headline)
        );
    });

    it('is quiet where nothing is overdue', async () => {
        const element = await answered(answer({ AR_Summary__c: [current()], AR_Invoice__c: [] }));
        expect(views(element)[0].headline).toBe('Nothing overdue. $12,000 not due yet.');
        expect(element.shadowRoot.querySelector('c-ar-actions').compact).toBe(false);
        expect(element.shadowRoot.querySelector('.follow-up p')).toBeNull();
    });

    it('offers little where nothing is owed', async () => {
        const clear = summary({ Outstanding__c: 0, Overdue__c: 0 });
        const element = await answered(answer({ AR_Summary__c: [clear], AR_Invoice__c: [] }));
        expect(element.shadowRoot.querySelector('c-ar-actions').compact).toBe(true);
    });

    it('says that no billing customer is linked, or that nothing has arrived', async () => {
        const nothing = { AR_Summary__c: [], AR_Invoice__c: [] };
        const Account = account({ Billing_Customer_Id__c: null });
        const unlinked = await answered(answer({ ...nothing, Account }));
        expect(notice(unlinked)[0]).toBe('No billing customer is linked to this account yet.');
        expect(notice(unlinked)[1]).toContain('Finance can link it');
        document.body.replaceChildren();
        const linked = await answered(answer(nothing));
        expect(notice(linked)[0]).toContain('have not arrived yet');
    });

    it('says that the record has no account', async () => {
        const element = shown({ objectApiName: 'Opportunity' });
        getRecord.emit({ fields: { AccountId: { value: null } } });
        await settled();
        expect(notice(element)[0]).toContain('This record has no account');
    });

    it('says that the account may not be seen', async () => {
        const element = await answered(answer({ Account: [] }));
        expect(notice(element)[0]).toBe('You may not see the account of this record.');
    });

    it('says whom to ask without permission, and asks no further', async () => {
        const element = shown();
        const refresh = jest.fn();
        graphql.emitErrors(HIDDEN, undefined, refresh);
        await settled();
        expect(notice(element)).toEqual([
            'You do not have access to receivables.',
            'Ask an administrator for the permission set “Dueline User”.'
        ]);
        jest.advanceTimersByTime(60_000);
        expect(refresh).not.toHaveBeenCalled();
    });

    it('says what went wrong, and tries again', async () => {
        const element = shown();
        const refresh = jest.fn().mockResolvedValue();
        graphql.emitErrors(BROKEN, undefined, refresh);
        await settled();
        expect(notice(element)).toEqual(['Receivables could not be loaded.', 'The server is busy']);
        element.shadowRoot.querySelector('c-ar-notice').dispatchEvent(new CustomEvent('action'));
        expect(refresh).toHaveBeenCalledTimes(1);
        graphql.emit(answer());
        await settled();
        expect(views(element)).toHaveLength(1);
        expect(notice(element)).toBeNull();
    });

    it('says what hinders reading the record itself', async () => {
        const element = shown({ objectApiName: 'Case' });
        getRecord.error({ message: 'No access to this case' });
        await settled();
        expect(notice(element)[0]).toBe('Receivables could not be loaded.');
        expect(element.shadowRoot.querySelector('c-ar-notice').action).toBeUndefined();
    });

    it('marks figures that could not be refreshed, and keeps them', async () => {
        const element = await answered(answer());
        graphql.emitErrors(BROKEN);
        await settled();
        expect(views(element)).toHaveLength(1);
        expect(notice(element)).toEqual([
            'These figures could not be refreshed and may be out of date.',
            'The server is busy'
        ]);
    });

    it('marks them too where refreshing is refused outright', async () => {
        const refresh = jest.fn().mockRejectedValue(new Error('Cut off'));
        const element = await answered(answer(), {}, refresh);
        element.shadowRoot.querySelector('lightning-button-icon').click();
        await settled();
        expect(notice(element)[1]).toBe('Cut off');
        refresh.mockResolvedValue();
        element.shadowRoot.querySelector('lightning-button-icon').click();
        await settled();
        expect(notice(element)).toBeNull();
    });

    it('marks figures that are too old for its setting', async () => {
        const old = '2026-11-25T10:00:00Z';
        const lists = {
            AR_Summary__c: [summary({ As_Of__c: old })],
            AR_Sync__c: [{ Id: 'a05', Caught_Up_At__c: old, Problem__c: null }]
        };
        const element = await answered(answer(lists), { staleAfterHours: 4 });
        expect(notice(element)[0]).toContain('These figures may be out of date.');
    });

    it('asks again now and then, and says so when something differs', async () => {
        const refresh = jest.fn().mockResolvedValue();
        const told = heard(onChanged);
        const element = await answered(answer(), { refreshSeconds: 15 }, refresh);
        jest.advanceTimersByTime(15_000);
        await settled();
        expect(refresh).toHaveBeenCalledTimes(1);
        graphql.emit(answer(), undefined, refresh);
        expect(told).not.toHaveBeenCalled();
        graphql.emit(answer({ AR_Dispute__c: [dispute()] }), undefined, refresh);
        expect(told).toHaveBeenCalledTimes(1);
        expect(told).toHaveBeenCalledWith({ accountId: ACCOUNT_ID });
        await settled();
        expect(refresh).toHaveBeenCalledTimes(1);
        element.remove();
        jest.advanceTimersByTime(60_000);
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('lets "1 minute ago" grow older where nothing changes', async () => {
        const refresh = jest.fn().mockResolvedValue();
        const element = await answered(answer(), { refreshSeconds: 15 }, refresh);
        jest.advanceTimersByTime(120_000);
        await settled();
        expect(element.shadowRoot.querySelector('.as-of').textContent).toBe('As of 3 minutes ago');
    });

    it('asks again when somebody changed something here, without telling it on', async () => {
        const refresh = jest.fn(async () => {
            graphql.emit(answer({ AR_Invoice__c: [invoice({ Assigned_To__c: '005X' })] }));
        });
        await answered(answer(), {}, refresh);
        tellChanged('001000000000009AAA');
        expect(refresh).not.toHaveBeenCalled();
        const told = heard(onChanged);
        tellChanged(ACCOUNT_ID);
        await settled();
        expect(refresh).toHaveBeenCalledTimes(1);
        expect(told).toHaveBeenCalledTimes(1);
    });

    it('tells which bucket was chosen, and shows which one is', async () => {
        const element = await answered(answer());
        const told = heard(onBucket);
        const figures = element.shadowRoot.querySelector('c-ar-figures');
        figures.dispatchEvent(
            new CustomEvent('bucket', { detail: { bucket: '1-30', currency: 'USD' } })
        );
        await settled();
        expect(told).toHaveBeenCalledWith({
            accountId: ACCOUNT_ID,
            bucket: '1-30',
            currency: 'USD'
        });
        expect(figures.selected).toBe('1-30');
        tellBucket(ACCOUNT_ID, null);
        await settled();
        expect(figures.selected).toBeUndefined();
    });

    it('never shows one account on the page of another', async () => {
        const element = await answered(answer());
        element.recordId = '001000000000002AAA';
        await settled();
        expect(views(element)).toHaveLength(0);
        expect(element.shadowRoot.querySelectorAll('.bone')).toHaveLength(3);
    });
});
