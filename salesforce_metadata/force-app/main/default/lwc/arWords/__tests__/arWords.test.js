import {
    ago,
    count,
    dayInWords,
    daysBetween,
    dayOf,
    fill,
    money,
    plural,
    plusDays,
    today
} from 'c/arWords';

describe('c-ar-words', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
    });
    afterEach(() => jest.useRealTimers());

    it('knows today in the time zone of the person', () => {
        expect(today()).toBe('2026-11-25');
        expect(dayOf('2026-11-25T03:00:00Z')).toBe('2026-11-24');
    });

    it.each([
        ['2026-11-25', 'today'],
        ['2026-11-26', 'tomorrow'],
        ['2026-11-24', 'yesterday'],
        ['2026-11-27', 'Friday'],
        ['2026-12-01', 'Tuesday'],
        ['2026-12-02', 'Dec 2'],
        ['2026-11-20', 'Nov 20'],
        ['2025-12-31', 'Dec 31, 2025'],
        [null, '']
    ])('says %s as %s', (day, words) => {
        expect(dayInWords(day)).toBe(words);
    });

    it.each([
        ['2026-11-25T14:58:30Z', '1 minute ago'],
        ['2026-11-25T12:00:00Z', '3 hours ago'],
        ['2026-11-24T12:00:00Z', 'yesterday'],
        ['2026-11-20', '5 days ago'],
        ['2026-11-25', 'today'],
        [undefined, '']
    ])('says how long ago %s was: %s', (moment, words) => {
        expect(ago(moment)).toBe(words);
    });

    it('writes amounts with the digits of their currency', () => {
        expect(money(48200, 'USD')).toBe('$48,200.00');
        expect(money(48200, 'USD', { whole: true })).toBe('$48,200');
        expect(money(48200.5, 'USD', { whole: true })).toBe('$48,200.50');
        expect(money(1200, 'JPY')).toBe('¥1,200');
        expect(money(1.234, 'KWD')).toMatch(/KWD.1\.234/);
        expect(money('0', 'EUR')).toBe('€0.00');
        expect(money(null, 'EUR')).toBe('');
    });

    it('counts days across the change of clocks and years', () => {
        expect(daysBetween('2026-10-31', '2026-11-02')).toBe(2);
        expect(daysBetween('2027-01-01', '2026-12-31')).toBe(-1);
        expect(plusDays('2026-02-27', 3)).toBe('2026-03-02');
    });

    it('fills labels', () => {
        expect(fill('{0} of {1}, {0}', 'a', 'b')).toBe('a of b, a');
        expect(plural(1, '{0} invoice', '{0} invoices')).toBe('1 invoice');
        expect(plural(1200, '{0} invoice', '{0} invoices')).toBe('1,200 invoices');
        expect(count(12.345, 1)).toBe('12.3');
    });
});
