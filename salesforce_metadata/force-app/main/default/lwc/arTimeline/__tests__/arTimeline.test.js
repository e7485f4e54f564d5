import { createElement } from 'lwc';
import { graphql } from 'lightning/graphql';
import ArTimeline from 'c/arTimeline';
import { tellChanged } from 'c/arLive';

const ACCOUNT = '001A';
const NOW = '2026-11-25T15:00:00Z';
const SOURCES = [
    'activity',
    'undated',
    'payment',
    'commitment',
    'dispute',
    'openTask',
    'doneTask',
    'contact'
];

function node(id, fields) {
    const values = Object.entries(fields).map(([name, value]) => [name, { value }]);
    return { node: { Id: id, ...Object.fromEntries(values) } };
}

function call(id, when, more = {}) {
    return node(id, { Kind__c: 'Call', Subject__c: `Call ${id}`, Occurred_At__c: when, ...more });
}

function payment(id, day) {
    const money = { Amount__c: 5, Currency__c: 'USD', Status__c: 'Succeeded' };
    return node(id, { Kind__c: 'Payment', Paid_On__c: day, Billing_System__c: 'Stripe', ...money });
}

function connection(nodes, next = null) {
    return {
        edges: nodes,
        pageInfo: { hasNextPage: Boolean(next), endCursor: next },
        totalCount: nodes.length
    };
}

function answer(connections, refresh = jest.fn().mockResolvedValue()) {
    const empty = Object.fromEntries(SOURCES.map((name) => [name, connection([])]));
    graphql.emit({ uiapi: { query: { ...empty, ...connections } } }, undefined, refresh);
    return refresh;
}

async function settle() {
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
}

async function shown(properties = {}) {
    const element = createElement('c-ar-timeline', { is: ArTimeline });
    Object.assign(element, { recordId: ACCOUNT, objectApiName: 'Account', ...properties });
    document.body.appendChild(element);
    await settle();
    return element;
}

function find(element, selector) {
    return element.shadowRoot.querySelector(selector);
}

function titles(element) {
    const entries = [...element.shadowRoot.querySelectorAll('c-ar-timeline-entry')];
    return entries.map(({ entry }) => entry.title);
}

function asked() {
    return graphql.getLastConfig().variables;
}

function press(element, selector) {
    find(element, selector).dispatchEvent(new CustomEvent('click'));
    return settle();
}

async function filtered(element, detail) {
    find(element, 'c-ar-timeline-filter').dispatchEvent(new CustomEvent('filter', { detail }));
    await settle();
}

describe('c-ar-timeline', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date(NOW));
        global.ResizeObserver = class {
            observe() {}
            disconnect() {}
        };
    });
    afterEach(() => {
        while (document.body.firstChild) {
            document.body.removeChild(document.body.firstChild);
        }
        jest.clearAllMocks();
        jest.useRealTimers();
        delete global.ResizeObserver;
    });

    it('waits, and then shows all sources as one, by day', async () => {
        const element = await shown();
        expect(find(element, 'lightning-spinner')).not.toBeNull();
        answer({
            activity: connection([
                call('a', '2026-11-25T14:00:00Z'),
                call('b', '2026-11-23T14:00:00Z')
            ]),
            payment: connection([payment('p', '2026-11-24')])
        });
        await settle();
        expect(titles(element)).toEqual(['Call a', 'Paid $5.00', 'Call b']);
        const days = [...element.shadowRoot.querySelectorAll('h3')].map((day) => day.textContent);
        expect(days).toEqual(['today', 'yesterday', 'Nov 23']);
        expect(find(element, '.end').textContent).toBe('That is all there is.');
    });

    it('says that nothing happened yet', async () => {
        const element = await shown();
        answer({});
        await settle();
        expect(find(element, '[data-id="none"]').text).toMatch(/Nothing has happened yet/);
    });

    it('warns that somebody else contacted the customer, and when', async () => {
        const element = await shown();
        const contact = call('c', '2026-11-24T14:00:00Z', {
            By__c: 'Ben Adler',
            System__c: 'Zendesk'
        });
        answer({ contact: connection([contact]) });
        await settle();
        expect(find(element, '[data-id="contact"]').text).toBe(
            'Ben Adler called this customer yesterday: “Call c”. Read it before you call.'
        );
    });

    it('tells by which system the customer was written to', async () => {
        const element = await shown();
        const sent = { Kind__c: 'Dunning', Subject__c: 'INV-1 e-mailed', System__c: 'Stripe' };
        answer({ contact: connection([call('c', '2026-11-25T13:00:00Z', sent)]) });
        await settle();
        expect(find(element, '[data-id="contact"]').text).toBe(
            'Stripe, 2 hours ago: “INV-1 e-mailed”. Read it before you call.'
        );
    });

    it('shows nothing older than what another source may still have', async () => {
        const element = await shown({ pageSize: 2 });
        answer({
            activity: connection(
                [call('a', '2026-11-25T14:00:00Z'), call('b', '2026-11-24T14:00:00Z')],
                'a2'
            ),
            payment: connection([payment('p', '2026-11-20'), payment('q', '2026-11-10')])
        });
        await settle();
        expect(titles(element)).toEqual(['Call a', 'Call b']);
        await press(element, '[data-id="more"]');
        expect(asked()).toMatchObject({ first: 2, activityAfter: 'a2' });
        expect(asked()).not.toHaveProperty('paymentWhere');
        answer({ activity: { ...connection([call('c', '2026-11-21T14:00:00Z')]), totalCount: 3 } });
        await settle();
        expect(titles(element)).toEqual(['Call a', 'Call b', 'Call c', 'Paid $5.00']);
        await press(element, '[data-id="more"]');
        expect(titles(element)).toHaveLength(5);
        expect(find(element, '[data-id="more"]')).toBeNull();
        expect(element.shadowRoot.activeElement.className).toBe('end');
    });

    it('shows what is in hand first, without a request', async () => {
        const element = await shown({ pageSize: 1 });
        answer({ payment: connection([payment('p', '2026-11-20'), payment('q', '2026-11-10')]) });
        await settle();
        const before = asked();
        expect(titles(element)).toHaveLength(1);
        await press(element, '[data-id="more"]');
        expect(titles(element)).toHaveLength(2);
        expect(asked()).toBe(before);
    });

    it('filters at the server, says so, and lets go', async () => {
        const element = await shown();
        answer({ payment: connection([payment('p', '2026-11-20')]) });
        await settle();
        expect(find(element, 'c-ar-timeline-filter').systems).toEqual(['Stripe']);
        await filtered(element, { kinds: ['Call'], days: 7 });
        expect(asked()).not.toHaveProperty('paymentWhere');
        expect(asked().activityWhere.and).toContainEqual({ Kind__c: { in: ['Call'] } });
        expect(titles(element)).toHaveLength(1);
        expect(find(element, '.list').ariaBusy).toBe('true');
        answer({});
        await settle();
        const none = find(element, '[data-id="none"]');
        expect(none.text).toBe('No entry matches the filter.');
        none.dispatchEvent(new CustomEvent('action'));
        await settle();
        expect(asked()).toHaveProperty('paymentWhere');
        expect(find(element, 'c-ar-timeline-filter').systems).toEqual(['Stripe']);
    });

    it('shows at once what somebody did on the page', async () => {
        const element = await shown();
        const refresh = answer({ activity: connection([call('a', '2026-11-25T14:00:00Z')]) });
        await settle();
        tellChanged(ACCOUNT);
        expect(refresh).toHaveBeenCalledTimes(1);
        const both = [call('n', '2026-11-25T14:59:00Z'), call('a', '2026-11-25T14:00:00Z')];
        answer({ activity: connection(both) });
        await settle();
        expect(titles(element)).toEqual(['Call n', 'Call a']);
    });

    it('says anew how long ago something was, as time passes', async () => {
        const element = await shown();
        answer({ activity: connection([call('a', '2026-11-25T14:58:00Z')]) });
        await settle();
        const entry = find(element, 'c-ar-timeline-entry');
        expect(entry.shadowRoot.textContent).toContain('2 minutes ago');
        jest.advanceTimersByTime(60_000);
        await settle();
        expect(entry.shadowRoot.textContent).toContain('3 minutes ago');
    });

    it('tells of one record on the page of that record', async () => {
        const element = await shown({ recordId: '001A', objectApiName: 'Account' });
        expect(find(element, 'lightning-card').title).toBe('Timeline');
        element.objectApiName = 'AR_Invoice__c';
        await settle();
        expect(find(element, 'lightning-card').title).toBe('Timeline of this record');
    });

    it('says whom to ask without permission, and what went wrong', async () => {
        const element = await shown();
        const refresh = jest.fn().mockResolvedValue();
        graphql.emitErrors([{ message: "Cannot query field 'AR_Activity__c'" }]);
        await settle();
        expect(find(element, 'c-ar-notice').text).toMatch(/permission set “Dueline User”/);
        graphql.emitErrors([{ message: 'Server Unavailable' }], undefined, refresh);
        await settle();
        const notice = find(element, 'c-ar-notice');
        expect(notice.details).toEqual(['Server Unavailable']);
        notice.dispatchEvent(new CustomEvent('action'));
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('marks what it could not read again', async () => {
        const element = await shown();
        answer({ activity: connection([call('a', '2026-11-25T14:00:00Z')]) });
        graphql.emitErrors([{ message: 'Server Unavailable' }], undefined, jest.fn());
        await settle();
        expect(titles(element)).toEqual(['Call a']);
        expect(find(element, '[data-id="stale"]').text).toMatch(/may be out of date/);
    });
});
