import { createElement } from '@lwc/engine-dom';
import ArActionModal from 'c/arActionModal';
import ArActions from 'c/arActions';

const flush = async () => {
    for (let turn = 0; turn < 5; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
};

describe('c-ar-actions', () => {
    let element;
    const toast = jest.fn();

    function show(given) {
        element = createElement('c-ar-actions', { is: ArActions });
        Object.assign(element, { accountId: '001', accountName: 'Acme', ...given });
        element.addEventListener('lightning__showtoast', ({ detail }) => toast(detail));
        document.body.appendChild(element);
    }

    const labels = (selector) =>
        [...element.shadowRoot.querySelectorAll(selector)].map(({ label }) => label);
    const buttons = () => labels('lightning-button');
    const menu = () => labels('lightning-menu-item');
    const click = (action) => element.shadowRoot.querySelector(`[data-action="${action}"]`).click();

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('has the usual actions as buttons and the rest in a menu', () => {
        show();
        expect(buttons()).toEqual(['Log a call', 'Add commitment', 'Raise dispute', "I'm on it"]);
        expect(menu()).toEqual(['Write a note', 'Escalate', 'Complete a task']);
    });

    it('has those for chosen invoices', () => {
        show({ compact: true, invoices: [{ Id: 'a1' }] });
        expect(buttons()).toEqual(['Add commitment', 'Raise dispute', "I'm on it"]);
    });

    it('has the one for a line of a list', () => {
        show({ compact: true, primary: 'task' });
        expect(buttons()).toEqual(['Complete a task']);
        expect(menu()).toHaveLength(6);
        const more = element.shadowRoot.querySelector('lightning-button-menu');
        expect(more.alternativeText).toBe('More actions for Acme');
    });

    it('opens the form in a dialog, once, and says what was saved with a link to it', async () => {
        let finish;
        ArActionModal.open = jest.fn(() => new Promise((resolve) => (finish = resolve)));
        show({ invoices: [{ Id: 'a1' }] });
        click('commitment');
        click('commitment');
        expect(ArActionModal.open).toHaveBeenCalledTimes(1);
        expect(ArActionModal.open).toHaveBeenCalledWith({
            size: 'small',
            label: 'Add commitment: Acme',
            heading: 'Add commitment: Acme',
            action: 'commitment',
            accountId: '001',
            accountName: 'Acme',
            invoices: [{ Id: 'a1' }]
        });
        finish({ title: 'Commitment saved', recordId: 'a05', link: 'Open the commitment' });
        await flush();
        expect(toast).toHaveBeenCalledWith({
            title: 'Commitment saved',
            variant: 'success',
            message: '{0}',
            messageData: [{ url: 'https://www.example.com', label: 'Open the commitment' }]
        });
    });

    it('opens what is chosen in the menu, and says nothing where it was cancelled', async () => {
        ArActionModal.open = jest.fn().mockResolvedValue(undefined);
        show();
        element.shadowRoot
            .querySelector('lightning-button-menu')
            .dispatchEvent(new CustomEvent('select', { detail: { value: 'escalation' } }));
        await flush();
        expect(ArActionModal.open.mock.calls[0][0]).toMatchObject({ action: 'escalation' });
        expect(ArActionModal.open.mock.calls[0][0].invoices).toBeUndefined();
        expect(toast).not.toHaveBeenCalled();
    });

    it('waits for the account', () => {
        show({ accountId: undefined });
        const disabled = [...element.shadowRoot.querySelectorAll('lightning-button')].map(
            (button) => button.disabled
        );
        expect(disabled).toEqual([true, true, true, true]);
    });
});
