import { createElement } from '@lwc/engine-dom';
import { createRecord } from 'lightning/uiRecordApi';
import { getObjectInfo, getPicklistValues } from 'lightning/uiObjectInfoApi';
import { publish } from 'lightning/messageService';
import ArContactForm from 'c/arContactForm';

const FIELDS = ['Account__c', 'Kind__c', 'Subject__c', 'Body__c', 'Occurred_At__c', 'Invoice__c'];
const INFO = {
    createable: true,
    updateable: true,
    defaultRecordTypeId: '012000000000000AAA',
    fields: Object.fromEntries(
        FIELDS.map((name) => [name, { createable: true, inlineHelpText: `Help of ${name}` }])
    )
};
const KINDS = {
    values: ['Call', 'Note', 'Email', 'Escalation', 'Final Notice'].map((value) => ({
        value,
        label: value === 'Email' ? 'E-mail' : value
    }))
};
const REFUSED = {
    body: {
        output: {
            errors: [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Period closed.' }],
            fieldErrors: { Subject__c: [{ errorCode: 'STRING_TOO_LONG', message: 'Too long.' }] }
        }
    }
};

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-contact-form', () => {
    let element;
    const saved = jest.fn();

    async function show(given, info = INFO) {
        element = createElement('c-ar-contact-form', { is: ArContactForm });
        Object.assign(element, { accountId: '001', ...given });
        element.addEventListener('saved', ({ detail }) => saved(detail));
        document.body.appendChild(element);
        getObjectInfo.emit(info);
        await flush();
        getPicklistValues.emit(KINDS);
        await flush();
    }

    const field = (name) => element.shadowRoot.querySelector(`[data-field="${name}"]`);
    const type = (name, value) =>
        field(name).dispatchEvent(new CustomEvent('change', { detail: { value } }));
    const frame = () => element.shadowRoot.querySelector('c-ar-form-frame');
    const save = async () => {
        frame().dispatchEvent(new CustomEvent('save'));
        await flush();
    };

    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
        createRecord.mockResolvedValue({ id: 'a09' });
    });

    afterEach(() => {
        jest.useRealTimers();
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('logs a call: what came of it, as of now', async () => {
        await show();
        expect(field('Kind__c').options.map(({ label }) => label)).toEqual([
            'Call',
            'E-mail',
            'Final Notice'
        ]);
        expect(field('Occurred_At__c').value).toBe('2026-11-25T15:00:00.000Z');
        type('Subject__c', '  Will pay on Friday ');
        jest.setSystemTime(new Date('2026-11-25T15:10:00Z'));
        await save();
        expect(createRecord).toHaveBeenCalledWith({
            apiName: 'AR_Activity__c',
            fields: {
                Account__c: '001',
                Kind__c: 'Call',
                Subject__c: 'Will pay on Friday',
                Body__c: null,
                Occurred_At__c: '2026-11-25T15:10:00.000Z',
                Invoice__c: null
            }
        });
        expect(saved).toHaveBeenCalledWith({
            title: 'Call saved: Will pay on Friday',
            recordId: 'a09',
            link: 'Open it'
        });
        expect(publish).toHaveBeenCalledWith(expect.anything(), expect.anything(), {
            accountId: '001'
        });
    });

    it('logs an e-mail about an invoice at another time', async () => {
        await show();
        type('Kind__c', 'Email');
        type('Subject__c', 'Asked for a copy');
        type('Body__c', 'They lost it.');
        type('Occurred_At__c', '2026-11-24T10:00:00.000Z');
        element.shadowRoot
            .querySelector('c-ar-invoice-picker')
            .dispatchEvent(new CustomEvent('choose', { detail: { rows: [{ Id: 'a1' }] } }));
        await save();
        expect(createRecord.mock.calls[0][0].fields).toMatchObject({
            Kind__c: 'Email',
            Body__c: 'They lost it.',
            Occurred_At__c: '2026-11-24T10:00:00.000Z',
            Invoice__c: 'a1'
        });
        expect(saved.mock.calls[0][0].title).toBe('E-mail saved: Asked for a copy');
    });

    it('writes a note, without a choice of kinds', async () => {
        await show({ kind: 'Note' });
        expect(field('Kind__c')).toBeNull();
        expect(field('Subject__c').label).toBe('Note');
        type('Subject__c', 'New CFO');
        await save();
        expect(createRecord.mock.calls[0][0].fields.Kind__c).toBe('Note');
    });

    it('is about the one invoice that was chosen, and about none of several', async () => {
        await show({ invoices: [{ Id: 'a1' }] });
        const picker = () => element.shadowRoot.querySelector('c-ar-invoice-picker');
        expect(picker().invoices).toEqual([{ Id: 'a1' }]);
        element.invoices = [{ Id: 'a1' }, { Id: 'a2' }];
        await flush();
        expect(picker().invoices).toBeUndefined();
    });

    it('refuses the future', async () => {
        await show();
        const when = field('Occurred_At__c');
        when.setCustomValidity = jest.fn();
        type('Subject__c', 'x');
        type('Occurred_At__c', '2026-11-26T10:00:00.000Z');
        await save();
        expect(when.setCustomValidity).toHaveBeenLastCalledWith(
            'This is still to come. Enter when it happened.'
        );
        expect(createRecord).not.toHaveBeenCalled();
    });

    it('saves nothing while a field says that it is wrong', async () => {
        await show();
        field('Subject__c').reportValidity = jest.fn(() => false);
        await save();
        expect(createRecord).not.toHaveBeenCalled();
    });

    it('saves once, however often one clicks', async () => {
        await show();
        let finish;
        createRecord.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
        type('Subject__c', 'x');
        await save();
        await save();
        expect(frame().saving).toBe(true);
        finish({ id: 'a09' });
        await flush();
        expect(createRecord).toHaveBeenCalledTimes(1);
        expect(frame().saving).toBe(false);
    });

    it('shows what was refused at its field, the rest at the top, and loses nothing', async () => {
        await show();
        createRecord.mockRejectedValueOnce(REFUSED);
        const subject = field('Subject__c');
        subject.setCustomValidity = jest.fn();
        type('Subject__c', 'x');
        await save();
        expect(subject.setCustomValidity).toHaveBeenLastCalledWith('Too long.');
        expect(frame().problems).toEqual(['Period closed.']);
        expect(subject.value).toBe('x');
        expect(saved).not.toHaveBeenCalled();
        type('Subject__c', 'y');
        expect(subject.setCustomValidity).toHaveBeenLastCalledWith('');
    });

    it('disables what the person may not write, says who keeps it, and leaves it out', async () => {
        const fields = { ...INFO.fields, Body__c: { createable: false, inlineHelpText: 'x' } };
        await show({}, { ...INFO, fields });
        expect(field('Body__c').disabled).toBe(true);
        expect(field('Body__c').fieldLevelHelp).toMatch(/Dueline keeps it/);
        expect(field('Subject__c').fieldLevelHelp).toBe('Help of Subject__c');
        type('Subject__c', 'x');
        await save();
        expect(createRecord.mock.calls[0][0].fields).not.toHaveProperty('Body__c');
    });

    it('says that somebody without access has none', async () => {
        await show();
        getObjectInfo.error({ errorCode: 'INSUFFICIENT_ACCESS', message: 'no' });
        await flush();
        expect(frame().blocked).toMatch(/permission set "Dueline User"/);
    });

    it('cancels', async () => {
        await show();
        const cancel = jest.fn();
        element.addEventListener('cancel', cancel);
        frame().dispatchEvent(new CustomEvent('cancel'));
        expect(cancel).toHaveBeenCalledTimes(1);
    });
});
