import { byCurrency, digitsOf, total } from 'c/arBalances';

describe('c-ar-balances', () => {
    it('knows the digits of currencies', () => {
        expect(['USD', 'JPY', 'KWD', undefined].map(digitsOf)).toEqual([2, 0, 3, 2]);
    });

    it('adds exactly', () => {
        expect(total([0.1, 0.2], 'USD')).toBe(0.3);
        expect(total([1.001, 2.002, null], 'KWD')).toBe(3.003);
        expect(total([], 'JPY')).toBe(0);
    });

    it('never adds two currencies', () => {
        const rows = [
            { Balance__c: 10.1, Currency__c: 'USD' },
            { Balance__c: 5, Currency__c: 'EUR' },
            { Balance__c: 20.2, Currency__c: 'USD' }
        ];
        expect(byCurrency(rows)).toEqual([
            { currency: 'EUR', amount: 5, rows: [rows[1]] },
            { currency: 'USD', amount: 30.3, rows: [rows[0], rows[2]] }
        ]);
    });
});
