import { filterInWords } from '../filters';
import { reselected, selectionInWords, viewOf } from '../view';

const ROW = {
    Id: 'a0I1',
    Name: 'INV-1',
    Status__c: 'Open',
    statusLabel: 'Open',
    Due_On__c: '2026-10-22',
    Days_Past_Due__c: 34,
    Overdue__c: true,
    Amount__c: 1200,
    Balance__c: 1000.5,
    Currency__c: 'USD',
    Disputed__c: 0,
    Pay_URL__c: 'https://pay.example/1',
    PDF_URL__c: 'ftp://files.example/1',
    Assigned_To__r: { Name: 'Ada Okafor' }
};

describe('invoices in words', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('reads as one says it', () => {
        expect(viewOf(ROW)).toMatchObject({
            number: 'INV-1',
            due: 'Oct 22',
            late: '34 days',
            balance: '$1,000.50',
            status: 'Open',
            promised: '',
            disputed: '',
            isOnHold: false,
            assigned: 'Ada Okafor',
            select: 'Select invoice INV-1'
        });
        expect(viewOf(ROW)).toBe(viewOf(ROW));
    });

    it('says of open ones that they are not due, and nothing of settled ones', () => {
        const early = { ...ROW, Overdue__c: false, Days_Past_Due__c: 0 };
        expect(viewOf(early).late).toBe('Not due');
        const paid = { ...early, Status__c: 'Paid', Paid_On__c: '2026-11-20' };
        expect(viewOf(paid)).toMatchObject({
            late: '',
            statusTitle: 'Paid on Friday, November 20, 2026',
            pay: undefined
        });
        expect(viewOf({ ...ROW, Due_On__c: null }).due).toBe('No due date');
    });

    it('links to pages only', () => {
        expect(viewOf(ROW).pay).toEqual({
            url: 'https://pay.example/1',
            label: 'Pay link of invoice INV-1 (opens in a new tab)'
        });
        expect(viewOf(ROW).pdf).toBeUndefined();
        expect(viewOf({ ...ROW, PDF_URL__c: null }).pdf).toBeUndefined();
        expect(viewOf({ ...ROW, PDF_URL__c: '/relative' }).pdf).toBeUndefined();
    });

    it('adds a selection up by currency, exactly', () => {
        const row = (balance, currency) => ({ Balance__c: balance, Currency__c: currency });
        const rows = [row(0.1, 'USD'), row(0.2, 'USD'), row(40, 'EUR'), row(null, 'EUR')];
        expect(selectionInWords(rows)).toBe('4 selected: $0.30, €40.00');
        expect(selectionInWords([row(1.234, 'KWD')])).toMatch(/1\.234/);
    });

    it('keeps a selection through a reading, with the rows as they read now', () => {
        const [a, b, c] = ['a', 'b', 'c'].map((Id) => ({ Id }));
        const now = { Id: 'a', Balance__c: 5 };
        const selection = new Map([a, b, c].map((row) => [row.Id, row]));
        // b left the list; c was not on it before either, as after another sorting
        expect([...reselected(selection, [a, b], [now]).values()]).toEqual([now, c]);
    });

    it('says what is filtered', () => {
        const none = { isAll: false, bucket: null, currency: null, search: '' };
        expect(filterInWords(none)).toBe('');
        expect(filterInWords({ ...none, bucket: '1-30', currency: 'EUR', search: '17' })).toBe(
            '1–30 days late, in EUR, number with “17”'
        );
    });
});
