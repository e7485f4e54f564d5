import { entryOf } from '../entries';

const INVOICE = { Id: 'a0I1', Name: 'INV-1', Currency__c: 'EUR' };

describe('entries of the timeline', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('tells of an activity who did it and where', () => {
        const row = {
            Id: 'a0A1',
            Kind__c: 'Escalation',
            Subject__c: 'No answer for weeks',
            Body__c: 'Three letters.',
            Occurred_At__c: '2026-11-24T15:00:00Z',
            Amount__c: 100,
            Currency__c: 'USD',
            Escalated_Team__c: 'Finance',
            Owner: { Name: 'Ada Okafor' },
            Invoice__r: INVOICE,
            Commitment__r: null
        };
        const entry = entryOf('activity', row);
        expect(entry).toMatchObject({
            title: 'No answer for weeks',
            kindLabel: 'Escalation',
            who: 'Ada Okafor',
            system: 'Salesforce',
            day: '2026-11-24',
            amount: '$100.00',
            facts: ['Escalated to Finance'],
            links: [{ id: 'a0I1', object: 'AR_Invoice__c', label: 'INV-1' }]
        });
        expect(entryOf('activity', row)).toBe(entry);
    });

    it('does not take who wrote the row for who did it elsewhere', () => {
        const row = {
            Id: 'a0A2',
            Kind__c: 'Dunning',
            Occurred_At__c: '2026-11-24T15:00:00Z',
            System__c: 'Stripe',
            Owner: { Name: 'Integration User' }
        };
        expect(entryOf('activity', row)).toMatchObject({ who: null, system: 'Stripe' });
    });

    it('knows when a row without a time was made', () => {
        const row = { Id: 'a0A3', Kind__c: 'Note', CreatedDate: '2026-11-20T12:00:00Z' };
        expect(entryOf('undated', row)).toMatchObject({
            day: '2026-11-20',
            title: 'No subject'
        });
    });

    it.each([
        ['Payment', 'Succeeded', 'Paid $50.00', []],
        ['Payment', 'Pending', 'Payment of $50.00', ['Pending']],
        ['Payment', 'Failed', 'Payment of $50.00', ['Failed']],
        ['Refund', 'Succeeded', 'Refunded $50.00', []],
        ['Refund', 'Failed', 'Refund of $50.00', ['Failed']]
    ])('says what became of a %s that is %s', (kind, status, title, badges) => {
        const entry = entryOf('payment', {
            Id: 'a0P',
            Kind__c: kind,
            Status__c: status,
            statusLabel: status,
            Amount__c: 50,
            Currency__c: 'USD',
            Paid_On__c: '2026-11-24',
            Invoices__c: 'INV-1, INV-2',
            Refunded__c: 0,
            Charged_Back__c: 20
        });
        expect(entry).toMatchObject({ title, day: '2026-11-24', at: -Infinity });
        expect(entry.badges.map(({ label }) => label)).toEqual(badges);
        expect(entry.facts).toEqual(['For INV-1, INV-2', '$20.00 of it taken back by the bank']);
    });

    it.each([
        ['us_bank_account', 'By bank debit'],
        ['customer_balance', 'By bank transfer'],
        ['card', 'By card'],
        ['some_new_way', 'By some new way']
    ])('says how it was paid: %s', (method, words) => {
        const paid = { Id: 'a0P', Status__c: 'Succeeded', Amount__c: 50, Currency__c: 'USD' };
        expect(entryOf('payment', { ...paid, Method__c: method }).facts).toEqual([words]);
    });

    it('tells of a promise in the currency of its invoice while its own is not known', () => {
        const row = {
            Id: 'a0C',
            Name: 'C-00001',
            Amount__c: 2000,
            Promised_On__c: '2026-11-27',
            statusLabel: 'Open',
            Note__c: 'Called back',
            CreatedDate: '2026-11-25T12:00:00Z',
            CreatedBy: { Name: 'Ada Okafor' },
            Invoice__r: INVOICE
        };
        expect(entryOf('commitment', row)).toMatchObject({
            title: 'Promised €2,000.00 by Friday',
            body: 'Called back',
            who: 'Ada Okafor',
            badges: [{ label: 'Open' }],
            links: [{ label: 'C-00001' }, { label: 'INV-1' }]
        });
    });

    it('tells of a dispute its reason, its resolution and that it waits too long', () => {
        const entry = entryOf('dispute', {
            Id: 'a0D',
            Name: 'D-00001',
            Disputed_Amount__c: 10,
            Currency__c: 'USD',
            categoryLabel: 'Pricing',
            statusLabel: 'New',
            Reason__c: 'Wrong price',
            Resolution__c: 'Credit note',
            SLA_Breached__c: true,
            CreatedDate: '2026-11-25T12:00:00Z'
        });
        expect(entry.title).toBe('Disputed $10.00: Pricing');
        expect(entry.body).toBe('Wrong price\nResolution: Credit note');
        expect(entry.badges.map(({ label }) => label)).toEqual(['New', 'Overdue for an answer']);
    });

    it('puts an open task where it was made and a done one where it was done', () => {
        const row = {
            Id: '00T',
            Subject: 'Chase INV-1',
            statusLabel: 'In Progress',
            IsClosed: false,
            ActivityDate: '2026-11-26',
            CreatedDate: '2026-11-20T12:00:00Z',
            Owner: { Name: 'Ben Adler' }
        };
        expect(entryOf('openTask', row)).toMatchObject({
            title: 'Chase INV-1',
            day: '2026-11-20',
            facts: ['Due tomorrow'],
            system: 'Dueline'
        });
        const done = { ...row, IsClosed: true, CompletedDateTime: '2026-11-25T12:00:00Z' };
        expect(entryOf('doneTask', done)).toMatchObject({
            title: 'Done: Chase INV-1',
            day: '2026-11-25',
            facts: []
        });
    });
});
