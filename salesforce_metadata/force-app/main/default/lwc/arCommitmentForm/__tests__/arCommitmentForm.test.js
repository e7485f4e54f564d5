import { createElement } from '@lwc/engine-dom';
import { createRecord } from 'lightning/uiRecordApi';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import ArCommitmentForm from 'c/arCommitmentForm';

const FIELDS = [
    'Account__c',
    'Amount__c',
    'Promised_On__c',
    'Invoice__c',
    'Invoices__c',
    'Note__c',
    'CurrencyIsoCode'
];
const INFO = {
    createable: true,
    updateable: true,
    fields: Object.fromEntries(FIELDS.map((name) => [name, { createable: true, scale: 2 }]))
};
const invoice = (Id, balance, { overdue = true, currency = 'USD' } = {}) => ({
    Id,
    Number__c: `INV-${Id}`,
    Balance__c: balance,
    Currency__c: currency,
    Overdue__c: overdue
});
const TWO = [invoice('1', 100.1), invoice('2', 200.2)];
const EURO = invoice('3', 50, { currency: 'EUR' });

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-commitment-form', () => {
    let element;
    const saved = jest.fn();

    const choose = async (rows, currencies = ['EUR', 'USD']) => {
        element.shadowRoot
            .querySelector('c-ar-invoice-picker')
            .dispatchEvent(new CustomEvent('choose', { detail: { rows, currencies } }));
        await flush();
    };

    async function show(rows = TWO, { info = INFO, currencies = ['EUR', 'USD'] } = {}) {
        element = createElement('c-ar-commitment-form', { is: ArCommitmentForm });
        element.accountId = '001';
        element.addEventListener('saved', ({ detail }) => saved(detail));
        document.body.appendChild(element);
        getObjectInfo.emit(info);
        await flush();
        await choose(rows, currencies);
    }

    const field = (name) => element.shadowRoot.querySelector(`[data-field="${name}"]`);
    const type = async (name, value) => {
        field(name).dispatchEvent(new CustomEvent('change', { detail: { value } }));
        await flush();
    };
    const save = async () => {
        element.shadowRoot.querySelector('c-ar-form-frame').dispatchEvent(new CustomEvent('save'));
        await flush();
    };
    const text = () =>
        [...element.shadowRoot.querySelectorAll('p')].map((one) => one.textContent).join(' ');

    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
        createRecord.mockResolvedValue({ id: 'a05' });
    });

    afterEach(() => {
        jest.useRealTimers();
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('starts with what is overdue and a week from today, and refuses the past', async () => {
        await show([...TWO, invoice('9', 1000, { overdue: false })]);
        expect(field('Amount__c')).toMatchObject({
            value: '300.30',
            label: 'Amount promised (USD)'
        });
        expect(field('Promised_On__c')).toMatchObject({
            value: '2026-12-02',
            min: '2026-11-25',
            messageWhenRangeUnderflow: expect.stringMatching(/cannot be for the past/)
        });
    });

    it('takes all of the balance where nothing chosen is overdue', async () => {
        await show([invoice('9', 1000, { overdue: false })]);
        expect(field('Amount__c').value).toBe('1000.00');
    });

    it('saves the promise for the first invoice, with the numbers of the further ones', async () => {
        await show();
        await type('Note__c', ' Said by Mia ');
        await save();
        expect(createRecord).toHaveBeenCalledWith({
            apiName: 'AR_Commitment__c',
            fields: {
                Account__c: '001',
                Amount__c: 300.3,
                Promised_On__c: '2026-12-02',
                Invoice__c: '1',
                Invoices__c: 'INV-2',
                Note__c: 'Said by Mia',
                CurrencyIsoCode: 'USD'
            }
        });
        expect(saved).toHaveBeenCalledWith({
            title: 'Commitment saved: $300.30, Dec 2',
            recordId: 'a05',
            link: 'Open the commitment'
        });
    });

    it('keeps an amount that was typed when the invoices change', async () => {
        await show();
        await type('Amount__c', '250');
        await choose([TWO[0]]);
        expect(field('Amount__c').value).toBe('250');
        expect(text()).toContain('That is more than the $100.10 owed on these invoices.');
        await save();
        expect(createRecord.mock.calls[0][0].fields.Amount__c).toBe(250);
    });

    it('never adds two currencies: one is picked, and the other invoices are left out', async () => {
        await show([...TWO, EURO]);
        expect(field('CurrencyIsoCode').options.map(({ value }) => value)).toEqual(['EUR', 'USD']);
        expect(field('CurrencyIsoCode').value).toBeUndefined();
        expect(field('Amount__c').value).toBeUndefined();
        await type('CurrencyIsoCode', 'EUR');
        expect(field('Amount__c')).toMatchObject({
            value: '50.00',
            label: 'Amount promised (EUR)'
        });
        expect(text()).toContain('2 chosen invoices are in another currency');
        await save();
        expect(createRecord.mock.calls[0][0].fields).toMatchObject({
            Amount__c: 50,
            Invoice__c: '3',
            Invoices__c: null,
            CurrencyIsoCode: 'EUR'
        });
    });

    it('needs no invoice, and says what that means', async () => {
        await show([], { currencies: ['GBP'] });
        expect(field('Amount__c')).toMatchObject({
            value: undefined,
            label: 'Amount promised (GBP)'
        });
        await type('Amount__c', '70');
        await save();
        expect(createRecord.mock.calls[0][0].fields).toMatchObject({
            Amount__c: 70,
            Invoice__c: null,
            CurrencyIsoCode: 'GBP'
        });
    });

    it('writes no currency in an org with a single one', async () => {
        const { CurrencyIsoCode, ...fields } = INFO.fields;
        expect(CurrencyIsoCode).toBeDefined();
        await show(TWO, { info: { ...INFO, fields } });
        await save();
        expect(createRecord.mock.calls[0][0].fields).not.toHaveProperty('CurrencyIsoCode');
    });

    it('counts in the steps of the currency, as far as the field has digits', async () => {
        await show([invoice('1', 5000, { currency: 'JPY' })]);
        expect(field('Amount__c').step).toBe('1');
        await choose([invoice('1', 5.125, { currency: 'KWD' })]);
        expect(field('Amount__c').step).toBe('0.01');
    });
});
