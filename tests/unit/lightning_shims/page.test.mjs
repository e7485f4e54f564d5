import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from './setup.mjs';

const messages = await import('lightning/messageService');
const refresh = await import('lightning/refresh');
const { addressOf, currentPage, navigate, onPage, pageAt } = await import('platform/router');
const { whereOf } = await import('platform/filters');
const { literal, word } = await import('platform/literal');

const CHANNEL = { channelName: 'AR_Bucket__c' };

test('a message reaches those who subscribed to its channel, until they are gone', () => {
    let context;
    const wire = new messages.MessageContext((given) => {
        context = given;
    });
    const heard = [];
    messages.subscribe(context, CHANNEL, (message) => heard.push(message));
    const sender = messages.createMessageContext();
    messages.publish(sender, CHANNEL, { bucket: '1-30' });
    messages.publish(sender, { channelName: 'Other__c' }, {});
    wire.disconnect();
    messages.publish(sender, CHANNEL, { bucket: 'late' });
    assert.deepEqual(heard, [{ bucket: '1-30' }]);
});

test('a message without context or channel is refused', () => {
    assert.throws(() => messages.publish(undefined, CHANNEL, {}), /MessageContext/);
    assert.throws(() => messages.publish(messages.createMessageContext(), {}, {}), /channel/);
});

test('a refresh asks everybody who registered, and says how it went', async () => {
    const outcomes = [];
    refresh.registerRefreshContainer({}, async (outcome) => outcomes.push(await outcome));
    const kept = refresh.registerRefreshHandler({}, async () => refresh.REFRESH_COMPLETE);
    globalThis.document.dispatchEvent(new refresh.RefreshEvent());
    await settled();
    const failing = refresh.registerRefreshHandler({}, () => Promise.reject(new Error('no')));
    globalThis.document.dispatchEvent(new refresh.RefreshEvent());
    await settled();
    assert.deepEqual(outcomes, [refresh.REFRESH_COMPLETE, refresh.REFRESH_COMPLETE_WITH_ERRORS]);
    refresh.unregisterRefreshHandler(kept);
    refresh.unregisterRefreshHandler(failing);
});

const PAGES = [
    ['/lightning/r/Account/001A/view', 'standard__recordPage'],
    ['/lightning/r/Account/001A/related/AR_Invoices__r/view', 'standard__recordRelationshipPage'],
    ['/lightning/o/AR_Invoice__c/list?filterName=Overdue', 'standard__objectPage'],
    ['/lightning/n/AR_My_Receivables', 'standard__navItemPage'],
    ['/lightning/page/home', 'standard__namedPage'],
    ['/lightning/cmp/c__arPanel?c__id=1', 'standard__component']
];

for (const [address, type] of PAGES) {
    test(`${address} is a page and its reference the address`, () => {
        const page = pageAt(new URL(address, 'http://org'));
        assert.equal(page.type, type);
        assert.equal(addressOf(page), address);
    });
}

test('going to a page tells who wants to know; a page that is not there is refused', () => {
    const seen = [];
    const end = onPage((page) => seen.push(page.type));
    navigate({ type: 'standard__navItemPage', attributes: { apiName: 'AR_My_Receivables' } });
    assert.equal(currentPage().attributes.apiName, 'AR_My_Receivables');
    assert.throws(() => navigate({ type: 'standard__knowledgeArticlePage' }), /no page of type/);
    end();
    assert.deepEqual(seen, ['standard__namedPage', 'standard__navItemPage']);
});

const FIELDS = {
    Status__c: { dataType: 'Picklist' },
    Balance__c: { dataType: 'Currency' },
    Overdue__c: { dataType: 'Boolean' },
    Due_On__c: { dataType: 'Date' },
    Assigned_To__c: { dataType: 'Reference' }
};
const filter = (field, operation, value) => ({ field, operation, value });
const CONDITIONS = [
    [filter('Status__c', 'equals', 'Open'), { Status__c: { eq: 'Open' } }],
    [
        filter('Status__c', 'equals', 'New,In Progress'),
        { Status__c: { in: ['New', 'In Progress'] } }
    ],
    [filter('Balance__c', 'greaterThan', '0'), { Balance__c: { gt: 0 } }],
    [filter('Overdue__c', 'equals', '1'), { Overdue__c: { eq: true } }],
    [
        filter('Due_On__c', 'equals', 'LAST_N_DAYS:30'),
        { Due_On__c: { eq: { range: { last_n_days: 30 } } } }
    ],
    [filter('Assigned_To__c', 'equals', ''), { Assigned_To__c: { eq: null } }]
];

for (const [given, condition] of CONDITIONS) {
    test(`a list view's filter ${given.field} ${given.operation} ${given.value}`, () => {
        assert.deepEqual(whereOf({ filters: [given] }, FIELDS), { and: [condition] });
    });
}

test('filters are joined as the view says, OR weaker than AND', () => {
    const filters = ['a', 'b', 'c'].map((value) => filter('Status__c', 'equals', value));
    const is = (value) => ({ Status__c: { eq: value } });
    const where = (logic) => whereOf({ filters, logic }, FIELDS).and[0];
    assert.deepEqual(where('1 OR 2 AND 3'), { or: [is('a'), { and: [is('b'), is('c')] }] });
    assert.deepEqual(where('(1 or 2) AND NOT 3'), {
        and: [{ or: [is('a'), is('b')] }, { not: is('c') }]
    });
    assert.equal(whereOf({ filters: [filter('Hidden__c', 'equals', 'x')] }, FIELDS), undefined);
    assert.throws(
        () => whereOf({ filters: [filter('Status__c', 'within', 'x')] }, FIELDS),
        /does not know/
    );
});

test('a GraphQL literal', () => {
    const value = {
        and: [{ Name: { like: '%"x"%' } }, { Day: { eq: { literal: word('TODAY') } } }],
        none: undefined
    };
    assert.equal(
        literal(value),
        '{and: [{Name: {like: "%\\"x\\"%"}}, {Day: {eq: {literal: TODAY}}}]}'
    );
});
