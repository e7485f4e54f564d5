import { createElement } from '@lwc/engine-dom';
import { getRecord } from 'lightning/uiRecordApi';
import ArQuickAction from 'c/arQuickAction';
import ArCallAction from 'c/arCallAction';
import ArCommitmentAction from 'c/arCommitmentAction';
import ArDisputeAction from 'c/arDisputeAction';
import ArEscalationAction from 'c/arEscalationAction';
import ArFollowUpAction from 'c/arFollowUpAction';
import ArNoteAction from 'c/arNoteAction';

jest.mock(
    'lightning/actions',
    () => ({
        CloseActionScreenEvent: class extends CustomEvent {
            constructor() {
                super('closeactionscreen', { bubbles: true, composed: true });
            }
        }
    }),
    { virtual: true }
);

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-quick-action', () => {
    let element;
    const toast = jest.fn();
    const closed = jest.fn();

    function show(recordId, objectApiName) {
        element = createElement('c-ar-quick-action', { is: ArQuickAction });
        Object.assign(element, { action: 'commitment', header: 'Add', recordId, objectApiName });
        element.addEventListener('lightning__showtoast', ({ detail }) => toast(detail));
        element.addEventListener('closeactionscreen', closed);
        document.body.appendChild(element);
    }

    const find = (selector) => element.shadowRoot.querySelector(selector);

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('shows the form for an account at once', () => {
        show('001', 'Account');
        expect(find('lightning-quick-action-panel').header).toBe('Add');
        expect(find('c-ar-action-form')).toMatchObject({ action: 'commitment', accountId: '001' });
    });

    it('finds the account of another record', async () => {
        show('006', 'Opportunity');
        expect(find('lightning-spinner')).not.toBeNull();
        getRecord.emit({ fields: { AccountId: { value: '001' } } });
        await flush();
        expect(find('c-ar-action-form').accountId).toBe('001');
    });

    it('is about the invoice that it stands on', async () => {
        show('a01', 'AR_Invoice__c');
        getRecord.emit({
            fields: {
                Account__c: { value: '001' },
                Number__c: { value: 'INV-1' },
                Balance__c: { value: 12 },
                Currency__c: { value: 'USD' },
                Overdue__c: { value: true }
            }
        });
        await flush();
        expect(find('c-ar-action-form').accountId).toBe('001');
        expect(find('c-ar-action-form').invoices).toEqual([
            expect.objectContaining({
                Id: 'a01',
                Number__c: 'INV-1',
                Balance__c: 12,
                Currency__c: 'USD',
                Overdue__c: true
            })
        ]);
    });

    it('says where there is no account, and what hindered it', async () => {
        show('500', 'Case');
        getRecord.emit({ fields: { AccountId: { value: null } } });
        await flush();
        expect(find('[role="alert"]').textContent).toMatch(/belongs to no account/);
        getRecord.error({ message: 'Server busy' });
        await flush();
        expect(find('[role="alert"]').textContent).toBe('Server busy');
        find('lightning-button').click();
        expect(closed).toHaveBeenCalledTimes(1);
    });

    it('says what was saved, then closes', async () => {
        show('001', 'Account');
        find('c-ar-action-form').dispatchEvent(
            new CustomEvent('saved', { detail: { title: 'Saved' } })
        );
        await flush();
        expect(toast).toHaveBeenCalledWith({ title: 'Saved', variant: 'success', message: '' });
        expect(closed).toHaveBeenCalledTimes(1);
    });

    it('closes when it is cancelled', () => {
        show('001', 'Account');
        find('c-ar-action-form').dispatchEvent(new CustomEvent('cancel'));
        expect(closed).toHaveBeenCalledTimes(1);
        expect(toast).not.toHaveBeenCalled();
    });

    it.each([
        [ArCallAction, 'call', 'Log a call'],
        [ArNoteAction, 'note', 'Write a note'],
        [ArCommitmentAction, 'commitment', 'Add commitment'],
        [ArDisputeAction, 'dispute', 'Raise dispute'],
        [ArEscalationAction, 'escalation', 'Escalate'],
        [ArFollowUpAction, 'followUp', 'Who is on it']
    ])('is what a quick action shows: %#', (is, action, header) => {
        const quick = createElement('c-ar-some-action', { is });
        Object.assign(quick, { recordId: '001', objectApiName: 'Account' });
        document.body.appendChild(quick);
        expect(quick.shadowRoot.querySelector('c-ar-quick-action')).toMatchObject({
            action,
            header,
            recordId: '001',
            objectApiName: 'Account'
        });
    });
});
