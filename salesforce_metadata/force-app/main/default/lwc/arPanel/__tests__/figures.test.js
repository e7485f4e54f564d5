import { bookOf, fingerprint } from '../book';
import { figures } from '../figures';
import {
    account,
    answer,
    commitment,
    current,
    dispute,
    summary
} from '../../../../../../jest-mocks/answers/panel';

function shown(lists = {}) {
    return figures(bookOf(answer(lists)))[0];
}

function fact(lists, label) {
    return shown(lists).facts.find((one) => one.label === label);
}

function measure(lists, label) {
    return shown(lists).measures.find((one) => one.label === label);
}

describe('the figures of the panel', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('shows the amounts with their invoices', () => {
        expect(measure({}, 'Outstanding')).toMatchObject({ text: '$60,200', detail: '7 invoices' });
        expect(measure({}, 'Overdue')).toMatchObject({ text: '$48,200', detail: '3 invoices' });
        expect(measure({}, 'Not due').text).toBe('$12,000');
        const collected = measure({}, 'Collected, 12 months');
        expect(collected.text).toBe('$90,000');
        expect(collected.help).toContain('All time: $250,000.');
    });

    it('says what the days mean, and when they are not known', () => {
        expect(measure({}, 'Average days late').text).toBe('12 days');
        expect(measure({}, 'DSO, ratio').help).toContain('Days sales outstanding');
        const fresh = { AR_Summary__c: [summary({ DSO_Ratio__c: null, Average_Days_Late__c: 0 })] };
        expect(measure(fresh, 'DSO, ratio').text).toBe('Not known yet');
        expect(measure(fresh, 'Average days late').text).toBe('0 days');
    });

    it('shows credit and write-offs only where there are any', () => {
        expect(measure({}, 'Unapplied credit')).toBeUndefined();
        const lists = {
            AR_Summary__c: [summary({ Unapplied_Credit__c: 75, Written_Off__c: 10 })]
        };
        expect(measure(lists, 'Unapplied credit').text).toBe('$75');
        expect(measure(lists, 'Written off').text).toBe('$10');
    });

    it('names the buckets as the invoices do', () => {
        expect(shown().buckets.map(({ name }) => name)).toEqual([
            'Not due',
            '1-30',
            '31-60',
            '61-90',
            'Over 90'
        ]);
    });

    it.each([
        [{ Kept_Amount__c: 0 }, 'Next commitment', 'Open'],
        [{ Kept_Amount__c: 300 }, 'Next commitment', 'Open, $300 paid so far'],
        [{ Status__c: null }, 'Next commitment', 'Open'],
        [
            { Promised_On__c: '2026-11-24' },
            'Next commitment',
            'The day has passed; payments are being checked'
        ],
        [{ Status__c: 'Broken' }, 'Last commitment', 'Not kept: nothing came'],
        [
            { Status__c: 'Partly Kept', Kept_Amount__c: 300 },
            'Last commitment',
            'Only partly kept: $300 came'
        ],
        [{ Problem__c: 'No invoice INV-9.' }, 'Next commitment', 'No invoice INV-9.']
    ])('says how a commitment stands: %o', (over, label, detail) => {
        expect(fact({ AR_Commitment__c: [commitment(over)] }, label).detail).toBe(detail);
    });

    it('says how many disputes are open, for how much, and which are late', () => {
        expect(fact({}, 'Disputes')).toBeUndefined();
        const late = dispute({ SLA_Breached__c: true });
        expect(
            fact(
                {
                    AR_Summary__c: [summary({ Disputed__c: 7000 })],
                    AR_Dispute__c: [dispute(), late]
                },
                'Disputes'
            )
        ).toMatchObject({ text: '2 open, $7,000', detail: '1 past its deadline', isLate: true });
    });

    it('shows a dispute of this very moment with its own amount', () => {
        const whole = dispute({
            Currency__c: null,
            Disputed_Amount__c: null,
            Invoice__r: { Currency__c: 'USD', Balance__c: 640 }
        });
        expect(fact({ AR_Dispute__c: [whole] }, 'Disputes').text).toBe('1 open, $640');
        expect(fact({ AR_Dispute__c: [whole, whole] }, 'Disputes').text).toBe('2 open');
    });

    it('shows the last payment, or that there was none', () => {
        expect(measure({}, 'Last payment')).toMatchObject({
            text: '$1,500.50',
            detail: '5 days ago',
            hint: 'Friday, November 20, 2026'
        });
        const none = { AR_Summary__c: [summary({ Last_Payment_On__c: null })] };
        expect(measure(none, 'Last payment')).toMatchObject({ text: 'None yet', isUnknown: true });
    });

    it('leaves out aging and zeros where nothing is owed', () => {
        expect(shown().buckets).toHaveLength(5);
        const clear = shown({ AR_Summary__c: [summary({ Outstanding__c: 0 })] });
        expect(clear.buckets).toEqual([]);
        expect(clear.measures.map(({ label }) => label)).toEqual([
            'Collected, 12 months',
            'Last payment',
            'Average days late'
        ]);
    });

    it('shows the original amounts', () => {
        const lists = { AR_Summary__c: [summary({ Original_Amounts__c: 'EUR 900.00' })] };
        expect(fact(lists, 'In the original currencies').text).toBe('EUR 900.00');
    });

    it('has a tone for its colour', () => {
        expect(shown().tone).toBe('late');
        expect(shown({ AR_Summary__c: [current()] }).tone).toBe('calm');
        expect(shown({ AR_Summary__c: [summary({ Bucket_Over_90__c: 1 })] }).tone).toBe('grave');
        expect(shown({ Account: account({ AR_Final_Notice_On__c: '2026-11-12' }) }).tone).toBe(
            'grave'
        );
    });

    it('names the currency of each block only where there are several', () => {
        expect(shown().title).toBeUndefined();
        const both = figures(
            bookOf(answer({ AR_Summary__c: [summary({ Currency__c: 'EUR' }), summary()] }))
        );
        expect(both.map(({ title }) => title)).toEqual(['In EUR', 'In USD']);
    });

    it('sees a difference in what is shown, not in when it was checked', () => {
        const before = fingerprint(bookOf(answer()));
        const checked = {
            AR_Summary__c: [summary({ As_Of__c: '2026-11-25T15:00:00Z' })],
            AR_Sync__c: []
        };
        expect(fingerprint(bookOf(answer(checked)))).toBe(before);
        expect(fingerprint(bookOf(answer({ AR_Dispute__c: [dispute()] })))).not.toBe(before);
    });
});
