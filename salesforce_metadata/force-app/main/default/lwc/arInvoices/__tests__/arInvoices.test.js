import { createElement } from 'lwc';
import { graphql } from 'lightning/graphql';
import { getRecord } from 'lightning/uiRecordApi';
import ArInvoices from 'c/arInvoices';
import { onBucket, tellBucket, tellChanged } from 'c/arLive';

const ACCOUNT = '001A';
const HIDDEN = [
    {
        message:
            "Validation error of type FieldUndefined: Field 'AR_Invoice__c' in type 'RecordQuery' is undefined"
    }
];

function node(id, more = {}) {
    const fields = {
        Name: `INV-${id}`,
        Status__c: 'Open',
        Balance__c: 100,
        Currency__c: 'USD',
        Due_On__c: '2026-10-22',
        Days_Past_Due__c: 34,
        Overdue__c: true,
        ...more
    };
    const values = Object.entries(fields).map(([name, value]) => [name, { value }]);
    return { node: { Id: id, ...Object.fromEntries(values) } };
}

function connection(nodes, { next = null, total = nodes.length } = {}) {
    return {
        edges: nodes,
        pageInfo: { hasNextPage: Boolean(next), endCursor: next },
        totalCount: total
    };
}

function answer(connections, refresh = jest.fn().mockResolvedValue()) {
    graphql.emit({ uiapi: { query: connections } }, undefined, refresh);
    return refresh;
}

async function settle() {
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
}

async function shown(properties = {}) {
    const element = createElement('c-ar-invoices', { is: ArInvoices });
    Object.assign(element, { recordId: ACCOUNT, objectApiName: 'Account', ...properties });
    document.body.appendChild(element);
    await settle();
    return element;
}

function find(element, selector) {
    return element.shadowRoot.querySelector(selector);
}

function table(element) {
    return find(element, 'c-ar-invoice-table');
}

function numbers(element) {
    return table(element).rows.map(({ number }) => number);
}

function press(element, selector) {
    find(element, selector).dispatchEvent(new CustomEvent('click'));
    return settle();
}

function tell(target, type, detail) {
    target.dispatchEvent(new CustomEvent(type, { detail }));
    return settle();
}

function asked() {
    return graphql.getLastConfig().variables;
}

describe('c-ar-invoices', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => {
        while (document.body.firstChild) {
            document.body.removeChild(document.body.firstChild);
        }
        jest.clearAllMocks();
        jest.useRealTimers();
    });

    it('waits, and then shows the open invoices', async () => {
        const element = await shown();
        expect(find(element, 'lightning-spinner')).not.toBeNull();
        expect(asked()).toMatchObject({ first: 50, openWhere: { Status__c: { eq: 'Open' } } });
        answer({ open: connection([node('1'), node('2')]) });
        await settle();
        expect(numbers(element)).toEqual(['INV-1', 'INV-2']);
        expect(find(element, '.count').textContent).toContain('2 invoices.');
        expect(find(element, 'lightning-spinner')).toBeNull();
    });

    it('finds the account of an opportunity', async () => {
        const element = await shown({ recordId: '006A', objectApiName: 'Opportunity' });
        expect(graphql.getLastConfig().query).toBeUndefined();
        getRecord.emit({ fields: { AccountId: { value: ACCOUNT } } });
        await settle();
        expect(asked().openWhere.Account__c).toEqual({ eq: ACCOUNT });
        getRecord.emit({ fields: { AccountId: { value: null } } });
        await settle();
        expect(find(element, 'c-ar-notice').text).toMatch(/has no account/);
    });

    it('says that nothing is owed, and offers the rest', async () => {
        const element = await shown();
        answer({ open: connection([]) });
        await settle();
        const notice = find(element, 'c-ar-notice');
        expect(notice.text).toBe('No open invoices: nothing is owed.');
        expect(notice.action).toBe('Show all invoices');
        await tell(notice, 'action');
        expect(asked().restWhere.Status__c).toEqual({ ne: 'Open' });
    });

    it('says whom to ask without permission', async () => {
        const element = await shown();
        graphql.emitErrors(HIDDEN);
        await settle();
        expect(find(element, 'c-ar-notice').text).toMatch(/permission set “Dueline User”/);
    });

    it('says what went wrong, and reads again', async () => {
        const element = await shown();
        const refresh = jest.fn().mockResolvedValue();
        graphql.emitErrors([{ message: 'Server Unavailable' }], undefined, refresh);
        await settle();
        const notice = find(element, 'c-ar-notice');
        expect(notice.variant).toBe('error');
        expect(notice.details).toEqual(['Server Unavailable']);
        await tell(notice, 'action');
        expect(refresh).toHaveBeenCalledTimes(1);
        answer({ open: connection([node('1')]) });
        await settle();
        expect(numbers(element)).toEqual(['INV-1']);
    });

    it('loads page by page, and says how many there are', async () => {
        const element = await shown({ pageSize: 2 });
        answer({ open: connection([node('1'), node('2')], { next: 'c2', total: 3 }) });
        await settle();
        expect(find(element, '.count').textContent).toContain('You see 2 of 3 invoices.');
        expect(find(element, '[data-id="more"]').label).toBe('Load 1 more');
        await press(element, '[data-id="more"]');
        expect(asked()).toMatchObject({ first: 2, openAfter: 'c2' });
        expect(numbers(element)).toEqual(['INV-1', 'INV-2']);
        answer({ open: connection([node('3')], { total: 3 }) });
        await settle();
        expect(numbers(element)).toEqual(['INV-1', 'INV-2', 'INV-3']);
        expect(find(element, '[data-id="more"]')).toBeNull();
        expect(element.shadowRoot.activeElement.className).toBe('count');
    });

    it('reads all in one piece when rows fell between two pages', async () => {
        const element = await shown({ pageSize: 2 });
        answer({ open: connection([node('1'), node('2')], { next: 'c2', total: 3 }) });
        await settle();
        await press(element, '[data-id="more"]');
        answer({ open: connection([node('2')], { total: 3 }) });
        await settle();
        expect(asked()).toMatchObject({ first: 2, openAfter: null });
    });

    it('shows settled invoices behind the last open one', async () => {
        const element = await shown({ pageSize: 2 });
        answer({ open: connection([node('1')]) });
        await settle();
        await tell(find(element, 'c-ar-invoice-filter'), 'filter', { isAll: true });
        const paid = connection([node('9', { Status__c: 'Paid' })], { next: 'r1', total: 2 });
        const open = [node('1'), node('2')];
        answer({ open: connection(open, { next: 'c2', total: 3 }), rest: paid });
        await settle();
        expect(numbers(element)).toEqual(['INV-1', 'INV-2']);
        expect(find(element, '.count').textContent).toContain('You see 2 of 5 invoices.');
        await press(element, '[data-id="more"]');
        answer({ open: connection([node('3')], { total: 3 }) });
        await settle();
        expect(numbers(element)).toEqual(['INV-1', 'INV-2', 'INV-3', 'INV-9']);
        await press(element, '[data-id="more"]');
        expect(asked()).toMatchObject({ restAfter: 'r1' });
    });

    it('follows the aging bar, by bucket and currency, and lets go', async () => {
        const element = await shown();
        answer({ open: connection([node('1'), node('2')]) });
        await settle();
        tellBucket('001Other', '1-30', 'EUR');
        await settle();
        expect(asked().openWhere.Bucket__c).toBeUndefined();
        tellBucket(ACCOUNT, '31-60', 'EUR');
        await settle();
        expect(asked().openWhere).toMatchObject({
            Bucket__c: { eq: '31-60' },
            Currency__c: { eq: 'EUR' }
        });
        // what was there stays until the answer comes, and is marked as busy
        expect(numbers(element)).toEqual(['INV-1', 'INV-2']);
        expect(find(element, '.list').ariaBusy).toBe('true');
        answer({ open: connection([]) });
        await settle();
        expect(find(element, '.count').textContent).toContain('Shown: 31–60 days late, in EUR.');
        expect(find(element, 'c-ar-notice').text).toBe('No invoice matches the filter.');
        const heard = jest.fn();
        const stop = onBucket(heard);
        await press(element, '[data-id="clear"]');
        stop();
        expect(heard).toHaveBeenCalledWith({ accountId: ACCOUNT, bucket: null, currency: null });
        expect(asked().openWhere.Bucket__c).toBeUndefined();
    });

    it('tells the aging bar of a bucket that is pressed here', async () => {
        const element = await shown();
        answer({ open: connection([node('1')]) });
        await settle();
        const heard = jest.fn();
        const stop = onBucket(heard);
        await tell(find(element, 'c-ar-invoice-filter'), 'filter', { bucket: '1-30' });
        stop();
        expect(heard).toHaveBeenCalledWith({ accountId: ACCOUNT, bucket: '1-30', currency: null });
    });

    it('looks for a number, in settled invoices on request', async () => {
        const element = await shown();
        answer({ open: connection([node('1')]) });
        await settle();
        await tell(find(element, 'c-ar-invoice-filter'), 'filter', { search: '17' });
        expect(asked().openWhere.Name).toEqual({ like: '%17%' });
        answer({ open: connection([]) });
        await settle();
        expect(find(element, 'c-ar-notice').action).toBe('Search all invoices');
        await tell(find(element, 'c-ar-notice'), 'action');
        expect(asked()).toMatchObject({ restWhere: { Name: { like: '%17%' } } });
    });

    it('sorts at the server, and turns round', async () => {
        const element = await shown();
        answer({ open: connection([node('1')]) });
        await settle();
        await tell(table(element), 'sort', { column: 'balance' });
        expect(asked().openOrder.Balance__c.order).toBe('DESC');
        answer({ open: connection([node('1')]) });
        await settle();
        await tell(table(element), 'sort', { column: 'balance' });
        expect(asked().openOrder.Balance__c.order).toBe('ASC');
    });

    it('adds up what is selected by currency and hands it to the actions', async () => {
        const element = await shown();
        const euros = node('2', { Currency__c: 'EUR', Balance__c: 40 });
        answer({ open: connection([node('1'), euros, node('3')]) });
        await settle();
        expect(find(element, 'c-ar-actions')).toBeNull();
        await tell(table(element), 'select', { ids: ['1', '2', '3'], isSelected: true });
        expect(find(element, '.selected').textContent).toBe('3 selected: $200.00, €40.00');
        await tell(table(element), 'select', { ids: ['3'], isSelected: false });
        const actions = find(element, 'c-ar-actions');
        expect(actions.accountId).toBe(ACCOUNT);
        expect(actions.invoices.map(({ Id }) => Id)).toEqual(['1', '2']);
        await press(element, '[data-id="clear-selection"]');
        expect(find(element, 'c-ar-actions')).toBeNull();
    });

    it('refreshes in place: loaded pages and selection stay, what was paid leaves both', async () => {
        const element = await shown({ pageSize: 2 });
        answer({ open: connection([node('1'), node('2')], { next: 'c2', total: 3 }) });
        await settle();
        await press(element, '[data-id="more"]');
        answer({ open: connection([node('3')], { total: 3 }) });
        await settle();
        await tell(table(element), 'select', { ids: ['1', '3'], isSelected: true });
        tellChanged(ACCOUNT);
        await settle();
        expect(asked()).toMatchObject({ first: 3, openAfter: null });
        expect(numbers(element)).toEqual(['INV-1', 'INV-2', 'INV-3']);
        answer({ open: connection([node('2'), node('3', { Balance__c: 60 })]) });
        await settle();
        expect(numbers(element)).toEqual(['INV-2', 'INV-3']);
        expect(find(element, '.selected').textContent).toBe('1 selected: $60.00');
    });

    it('refreshes what it asked for last past the cache, and not for another account', async () => {
        await shown();
        const refresh = answer({ open: connection([node('1')]) });
        await settle();
        tellChanged('001Other');
        expect(refresh).not.toHaveBeenCalled();
        tellChanged(ACCOUNT);
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('does not trust a cached answer to a question that was asked before', async () => {
        const element = await shown();
        answer({ open: connection([node('1')]) });
        await settle();
        const filter = find(element, 'c-ar-invoice-filter');
        await tell(filter, 'filter', { isAll: true });
        answer({ open: connection([node('1')]), rest: connection([]) });
        await settle();
        await tell(filter, 'filter', { isAll: false });
        const refresh = answer({ open: connection([node('1')]) });
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('marks what it could not read again', async () => {
        const element = await shown();
        answer({ open: connection([node('1')]) });
        await settle();
        graphql.emitErrors([{ message: 'Server Unavailable' }], undefined, jest.fn());
        await settle();
        expect(numbers(element)).toEqual(['INV-1']);
        expect(find(element, 'c-ar-notice').text).toMatch(/may be out of date/);
    });

    it('hears nothing once it is gone', async () => {
        const element = await shown();
        const refresh = answer({ open: connection([node('1')]) });
        await settle();
        document.body.removeChild(element);
        tellChanged(ACCOUNT);
        expect(refresh).not.toHaveBeenCalled();
    });
});
