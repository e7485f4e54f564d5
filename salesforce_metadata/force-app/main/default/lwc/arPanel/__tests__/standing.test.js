import { bookOf } from '../book';
import { followUp, freshness, standing } from '../standing';
import {
    ME,
    account,
    answer,
    contact,
    current,
    invoice,
    summary
} from '../../../../../../jest-mocks/answers/panel';

const ADA = { Assigned_To__c: '005000000000001AAA', Assigned_To__r: { Name: 'Ada Okafor' } };

function fact(lists, label) {
    return standing(bookOf(answer(lists))).find((one) => one.label === label);
}

function onIt(lists) {
    return followUp(bookOf(answer(lists)));
}

describe('what holds for the account', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('says who is on it', () => {
        expect(onIt()).toMatchObject({ text: 'Nobody yet', look: 'nobody' });
        expect(onIt({ AR_Invoice__c: [invoice(ADA), invoice()] })).toMatchObject({
            text: 'Ada Okafor',
            detail: '1 overdue invoice has nobody yet'
        });
        const mine = { Id: '00T1', Status: 'In Progress', OwnerId: ME, Owner: { Name: 'Me' } };
        const idle = { ...mine, OwnerId: '005000000000009AAA', Status: 'Not Started' };
        expect(onIt({ AR_Invoice__c: [invoice(ADA)], Task: [mine, idle] }).text).toBe(
            'Ada Okafor, You'
        );
    });

    it('asks for nobody where nothing is overdue', () => {
        expect(onIt({ AR_Summary__c: [current()], AR_Invoice__c: [] })).toBeUndefined();
    });

    it('says who spoke with the customer last, when and how', () => {
        expect(fact({}, 'Last contact')).toMatchObject({
            text: 'Call by Ada Okafor, yesterday',
            detail: 'Asked for a payment plan'
        });
        expect(fact({ contacts: [] }, 'Last contact').text).toBe(
            'Nobody has contacted this customer about it yet'
        );
        const clear = { contacts: [], AR_Summary__c: [summary({ Outstanding__c: 0 })] };
        expect(fact(clear, 'Last contact')).toBeUndefined();
    });

    it('counts a final notice as a contact, by whoever sent it', () => {
        const notice = contact({ Kind__c: 'Final Notice', System__c: 'Stripe' });
        expect(fact({ contacts: [notice] }, 'Last contact').text).toBe(
            'Final notice by Stripe, yesterday'
        );
    });

    it('takes a call without a time as of when it was written', () => {
        const now = contact({ Occurred_At__c: null, CreatedDate: '2026-11-25T14:00:00Z' });
        const earlier = contact({ Kind__c: 'Email', By__c: 'Ben Li' });
        expect(fact({ contacts: [earlier, now] }, 'Last contact').text).toBe(
            'Call by Ada Okafor, 1 hour ago'
        );
        expect(fact({ contacts: [earlier] }, 'Last contact').text).toBe(
            'E-mail by Ben Li, yesterday'
        );
    });

    it('says what the billing system sent by itself', () => {
        expect(fact({}, 'Last from billing')).toBeUndefined();
        const sent = {
            Id: 'a04000000000002AAA',
            Subject__c: 'INV-7 e-mailed to billing@northwind.example',
            Occurred_At__c: '2026-11-25T13:00:00Z',
            System__c: 'Stripe'
        };
        expect(fact({ dunning: [sent] }, 'Last from billing')).toMatchObject({
            text: 'Stripe, 2 hours ago',
            detail: 'INV-7 e-mailed to billing@northwind.example'
        });
        expect(fact({ dunning: [{ ...sent, System__c: null }] }, 'Last from billing').text).toBe(
            '2 hours ago'
        );
    });

    it('says what is on hold, and that a final notice was sent', () => {
        expect(fact({}, 'Reminders')).toBeUndefined();
        const Account = account({ AR_On_Hold__c: true, AR_Final_Notice_On__c: '2026-11-12' });
        expect(fact({ Account }, 'Reminders').text).toBe('On hold');
        expect(fact({ Account }, 'Final notice').text).toBe('Sent Nov 12');
    });
});

describe('how fresh the figures are', () => {
    const OLD = '2026-11-23T10:00:00Z';
    const sync = (over) => [
        { Id: 'a05', Caught_Up_At__c: '2026-11-25T14:58:30Z', Problem__c: null, ...over }
    ];

    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('is as fresh as Dueline: a quiet account is not stale', () => {
        const book = bookOf(answer({ AR_Summary__c: [summary({ As_Of__c: OLD })] }));
        expect(freshness(book, 24)).toMatchObject({ words: 'As of 1 minute ago', isStale: false });
    });

    it('is stale where Dueline is behind', () => {
        const lists = {
            AR_Summary__c: [summary({ As_Of__c: OLD })],
            AR_Sync__c: sync({ Caught_Up_At__c: OLD })
        };
        expect(freshness(bookOf(answer(lists)), 24)).toMatchObject({
            words: 'As of 2 days ago',
            isStale: true
        });
        expect(freshness(bookOf(answer(lists)), 72).isStale).toBe(false);
    });

    it('says what Dueline reports', () => {
        const lists = { AR_Sync__c: sync({ Problem__c: 'The daily API limit is used up' }) };
        const { isStale, warning } = freshness(bookOf(answer(lists)), 24);
        expect(isStale).toBe(true);
        expect(warning).toContain('Dueline reports: The daily API limit is used up.');
    });

    it('is stale where nobody knows', () => {
        const lists = { AR_Summary__c: [summary({ As_Of__c: null })], AR_Sync__c: [] };
        expect(freshness(bookOf(answer(lists)), 24)).toMatchObject({
            words: 'Time of these figures unknown',
            isStale: true
        });
    });
});
