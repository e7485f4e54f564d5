import { createElement } from '@lwc/engine-dom';
import { executeMutation } from 'lightning/graphql';
import { getObjectInfo, getPicklistValues } from 'lightning/uiObjectInfoApi';
import ArDisputeForm from 'c/arDisputeForm';

const FIELDS = ['Account__c', 'Invoice__c', 'Category__c', 'Disputed_Amount__c', 'Reason__c'];
const INFO = {
    createable: true,
    updateable: true,
    defaultRecordTypeId: '012',
    fields: Object.fromEntries(FIELDS.map((name) => [name, { createable: true, scale: 2 }]))
};
const ROWS = [
    { Id: 'a1', Number__c: 'INV-1', Balance__c: 100, Currency__c: 'USD' },
    { Id: 'a2', Number__c: 'INV-2', Balance__c: 200, Currency__c: 'EUR', Disputed__c: 50 }
];

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-dispute-form', () => {
    let element;
    const saved = jest.fn();

    async function show(rows = ROWS, info = INFO) {
        element = createElement('c-ar-dispute-form', { is: ArDisputeForm });
        element.accountId = '001';
        element.addEventListener('saved', ({ detail }) => saved(detail));
        document.body.appendChild(element);
        getObjectInfo.emit(info);
        await flush();
        getPicklistValues.emit({ values: [{ label: 'Pricing', value: 'Pricing' }] });
        element.shadowRoot
            .querySelector('c-ar-invoice-picker')
            .dispatchEvent(new CustomEvent('choose', { detail: { rows } }));
        await flush();
    }

    const frame = () => element.shadowRoot.querySelector('c-ar-form-frame');
    const all = (name) => [...element.shadowRoot.querySelectorAll(`[data-field="${name}"]`)];
    const type = (input, value) =>
        input.dispatchEvent(new CustomEvent('change', { detail: { value } }));
    const fill = () => {
        type(all('Category__c')[0], 'Pricing');
        type(all('Reason__c')[0], ' Agreed on less ');
    };
    const save = async () => {
        frame().dispatchEvent(new CustomEvent('save'));
        await flush();
    };

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('raises one dispute for each invoice, all in one mutation', async () => {
        executeMutation.mockResolvedValueOnce({
            data: { uiapi: { r0: { Record: { Id: 'd1' } }, r1: { Record: { Id: 'd2' } } } }
        });
        await show();
        expect(frame().saveLabel).toBe('Raise 2 disputes');
        expect(all('Disputed_Amount__c').map(({ label, value }) => [label, value])).toEqual([
            ['INV-1 (USD)', 100],
            ['INV-2 (EUR)', 200]
        ]);
        fill();
        type(all('Disputed_Amount__c')[1], '150');
        await save();
        expect(executeMutation.mock.calls[0][0].variables).toEqual({
            r0: {
                AR_Dispute__c: {
                    Account__c: '001',
                    Invoice__c: 'a1',
                    Category__c: 'Pricing',
                    Disputed_Amount__c: 100,
                    Reason__c: 'Agreed on less'
                }
            },
            r1: {
                AR_Dispute__c: expect.objectContaining({
                    Invoice__c: 'a2',
                    Disputed_Amount__c: 150
                })
            }
        });
        expect(saved).toHaveBeenCalledWith({ title: '2 disputes raised' });
    });

    it('links to the dispute where it is one', async () => {
        executeMutation.mockResolvedValueOnce({
            data: { uiapi: { r0: { Record: { Id: 'd1' } } } }
        });
        await show([ROWS[0]]);
        expect(frame().saveLabel).toBe('Raise dispute');
        fill();
        await save();
        expect(saved).toHaveBeenCalledWith({
            title: 'Dispute raised about INV-1',
            recordId: 'd1',
            link: 'Open the dispute'
        });
    });

    it('names the invoice whose dispute was refused', async () => {
        executeMutation.mockResolvedValueOnce({
            errors: [{ message: 'Too late to contest.', paths: ['uiapi', 'r1'] }]
        });
        await show();
        fill();
        await save();
        expect(frame().problems).toEqual(['INV-2: Too late to contest.']);
        expect(saved).not.toHaveBeenCalled();
        expect(all('Reason__c')[0].value).toBe(' Agreed on less ');
    });

    it('says at the field what was refused of a single one', async () => {
        executeMutation.mockResolvedValueOnce({
            errors: [
                {
                    message: 'Not a category.',
                    paths: ['uiapi', 'r0'],
                    extensions: { Fields: ['Category__c'] }
                }
            ]
        });
        await show([ROWS[0]]);
        const category = all('Category__c')[0];
        category.setCustomValidity = jest.fn();
        fill();
        await save();
        expect(category.setCustomValidity).toHaveBeenLastCalledWith('Not a category.');
        expect(frame().problems).toEqual([]);
    });

    it('says what is contested already, and what is more than is owed', async () => {
        await show();
        type(all('Disputed_Amount__c')[0], '500');
        await flush();
        const hints = [...element.shadowRoot.querySelectorAll('.hint')].map(
            (one) => one.textContent
        );
        expect(hints).toEqual([
            'That is more than the $100.00 owed on it.',
            '€50.00 of it is contested already.'
        ]);
    });

    it('cannot be saved without an invoice', async () => {
        await show([]);
        expect(frame().unready).toBe(true);
    });
});
