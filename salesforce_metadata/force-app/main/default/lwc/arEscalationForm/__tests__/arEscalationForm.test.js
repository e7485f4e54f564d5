import { createElement } from '@lwc/engine-dom';
import { createRecord, getRecord } from 'lightning/uiRecordApi';
import { getObjectInfo, getPicklistValues } from 'lightning/uiObjectInfoApi';
import ArEscalationForm from 'c/arEscalationForm';

const FIELDS = [
    'Account__c',
    'Kind__c',
    'Subject__c',
    'Body__c',
    'Occurred_At__c',
    'Invoice__c',
    'Escalated_To__c',
    'Escalated_Team__c'
];
const INFO = {
    createable: true,
    defaultRecordTypeId: '012',
    fields: Object.fromEntries(FIELDS.map((name) => [name, { createable: true }]))
};

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-escalation-form', () => {
    let element;
    const saved = jest.fn();

    async function show(teams = [{ label: 'Legal', value: 'Legal' }]) {
        element = createElement('c-ar-escalation-form', { is: ArEscalationForm });
        Object.assign(element, { accountId: '001', invoices: [{ Id: 'a1' }] });
        element.addEventListener('saved', ({ detail }) => saved(detail));
        document.body.appendChild(element);
        getObjectInfo.emit(INFO);
        await flush();
        if (teams) {
            getPicklistValues.emit({ values: teams });
        } else {
            getPicklistValues.error();
        }
        await flush();
    }

    const find = (selector) => element.shadowRoot.querySelector(selector);
    const type = (selector, detail) =>
        find(selector).dispatchEvent(new CustomEvent('change', { detail }));
    const save = async () => {
        find('c-ar-form-frame').dispatchEvent(new CustomEvent('save'));
        await flush();
    };

    beforeEach(() => createRecord.mockResolvedValue({ id: 'a09' }));

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('asks a team, with the reason', async () => {
        await show();
        expect(find('lightning-radio-group').options.map(({ label }) => label)).toEqual([
            'A team',
            'A person'
        ]);
        type('[data-field="Escalated_Team__c"]', { value: 'Legal' });
        type('[data-field="Body__c"]', { value: 'They threaten to sue. ' });
        await save();
        expect(createRecord).toHaveBeenCalledWith({
            apiName: 'AR_Activity__c',
            fields: {
                Account__c: '001',
                Kind__c: 'Escalation',
                Subject__c: 'Escalated to Legal',
                Body__c: 'They threaten to sue.',
                Occurred_At__c: expect.stringMatching(/^\d{4}-.*Z$/),
                Invoice__c: null,
                Escalated_Team__c: 'Legal'
            }
        });
        expect(saved).toHaveBeenCalledWith({
            title: 'Escalated to Legal',
            recordId: 'a09',
            link: 'Open the escalation'
        });
    });

    it('asks a person who can sign in, by name', async () => {
        await show();
        type('lightning-radio-group', { value: 'person' });
        await flush();
        const picker = find('lightning-record-picker');
        expect(picker.objectApiName).toBe('User');
        expect(picker.filter).toEqual({
            criteria: [{ fieldPath: 'IsActive', operator: 'eq', value: true }]
        });
        picker.dispatchEvent(new CustomEvent('change', { detail: { recordId: '005B' } }));
        await flush();
        getRecord.emit({ fields: { Name: { value: 'Ben Carter' } } });
        type('[data-field="Body__c"]', { value: 'Please call the CFO' });
        await save();
        expect(createRecord.mock.calls[0][0].fields).toMatchObject({
            Escalated_To__c: '005B',
            Subject__c: 'Escalated to Ben Carter'
        });
        expect(createRecord.mock.calls[0][0].fields).not.toHaveProperty('Escalated_Team__c');
    });

    it('knows only people where there are no teams', async () => {
        await show(null);
        expect(find('lightning-radio-group').options.map(({ label }) => label)).toEqual([
            'A person'
        ]);
    });
});
