import { bookOf, inCurrency } from '../book';
import { headline } from '../headline';
import {
    answer,
    commitment,
    current,
    invoice,
    summary
} from '../../../../../../jest-mocks/answers/panel';

function told(lists = {}) {
    const book = bookOf(answer(lists));
    return headline(inCurrency(book, book.summaries[0]));
}

describe('the headline of the panel', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('says how much is overdue, and since when', () => {
        expect(told()).toBe('$48,200 overdue, oldest 34 days');
        expect(told({ AR_Invoice__c: [invoice({ Days_Past_Due__c: 1 })] })).toBe(
            '$48,200 overdue, oldest 1 day'
        );
    });

    it('says the due day where the oldest invoice of this currency was not read', () => {
        expect(told({ AR_Invoice__c: [invoice({ Currency__c: 'EUR' })] })).toBe(
            '$48,200 overdue, oldest due Oct 22'
        );
    });

    it('says what is promised', () => {
        expect(told({ AR_Commitment__c: [commitment()] })).toBe(
            '$48,200 overdue, oldest 34 days; promised $20,000 by Friday'
        );
        expect(told({ AR_Commitment__c: [commitment({ Amount__c: 48200 })] })).toBe(
            '$48,200 overdue, oldest 34 days; all of it promised by Friday'
        );
    });

    it('says the next of several promises, and what they are together', () => {
        const later = commitment({ Promised_On__c: '2026-12-20', Amount__c: 5000 });
        const book = {
            AR_Summary__c: [summary({ Promised__c: 25000 })],
            AR_Commitment__c: [later, commitment()]
        };
        expect(told(book)).toBe(
            '$48,200 overdue, oldest 34 days; $25,000 promised in 2 commitments, the next by Friday'
        );
    });

    it('says which promise was not kept, as long as something is overdue', () => {
        const broken = commitment({ Status__c: 'Broken', Promised_On__c: '2026-11-12' });
        const partly = { ...broken, Status__c: 'Partly Kept', Kept_Amount__c: 500 };
        expect(told({ AR_Commitment__c: [broken] })).toBe(
            '$48,200 overdue, oldest 34 days; $20,000 promised for Nov 12 did not come'
        );
        expect(told({ AR_Commitment__c: [partly] })).toBe(
            '$48,200 overdue, oldest 34 days; of $20,000 promised for Nov 12 only $500 came'
        );
        expect(told({ AR_Summary__c: [current()], AR_Commitment__c: [broken] })).toBe(
            'Nothing overdue. $12,000 not due yet.'
        );
    });

    it('says what is disputed and on hold', () => {
        expect(
            told({
                AR_Summary__c: [summary({ Disputed__c: 5000.25 })],
                AR_Invoice__c: [invoice({ On_Hold__c: true })]
            })
        ).toBe('$48,200 overdue, oldest 34 days; $5,000.25 disputed; reminders on hold');
    });

    it('is quiet where nothing is overdue, or nothing owed', () => {
        expect(told({ AR_Summary__c: [current()] })).toBe('Nothing overdue. $12,000 not due yet.');
        expect(told({ AR_Summary__c: [current()], AR_Commitment__c: [commitment()] })).toBe(
            'Nothing overdue. $12,000 not due yet; promised $20,000 by Friday.'
        );
        expect(told({ AR_Summary__c: [current({ Outstanding__c: 0 })] })).toBe('Nothing owed.');
    });

    it('keeps currencies apart', () => {
        const yen = summary({ Currency__c: 'JPY', Overdue__c: 900000, Id: 'a00000000000002AAA' });
        const book = bookOf(
            answer({
                AR_Summary__c: [summary(), yen],
                AR_Invoice__c: [invoice(), invoice({ Currency__c: 'JPY', Days_Past_Due__c: 3 })],
                AR_Commitment__c: [
                    commitment({ Currency__c: null, Invoice__r: { Currency__c: 'JPY' } }),
                    commitment({ Currency__c: null })
                ]
            })
        );
        const [dollars, other] = book.summaries.map((one) => headline(inCurrency(book, one)));
        expect(dollars).toBe('$48,200 overdue, oldest 34 days');
        expect(other).toBe('¥900,000 overdue, oldest 3 days; promised ¥20,000 by Friday');
    });
});
