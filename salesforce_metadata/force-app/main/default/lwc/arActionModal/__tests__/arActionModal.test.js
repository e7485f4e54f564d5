import { createElement } from '@lwc/engine-dom';
import ArActionModal from 'c/arActionModal';

describe('c-ar-action-modal', () => {
    let element;
    const closed = jest.fn();

    beforeEach(() => {
        element = createElement('c-ar-action-modal', { is: ArActionModal });
        Object.assign(element, { heading: 'Log a call: Acme', action: 'call', accountId: '001' });
        element.addEventListener('close', ({ detail }) => closed(detail));
        document.body.appendChild(element);
    });

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    const form = () => element.shadowRoot.querySelector('c-ar-action-form');

    it('has a heading and the form', () => {
        const header = element.shadowRoot.querySelector('lightning-modal-header');
        expect(header.label).toBe('Log a call: Acme');
        expect(form()).toMatchObject({ action: 'call', accountId: '001' });
    });

    it('stays while it saves, and closes with what was saved', () => {
        form().dispatchEvent(new CustomEvent('busy', { detail: true }));
        expect(element.disableClose).toBe(true);
        form().dispatchEvent(new CustomEvent('saved', { detail: { title: 'Saved' } }));
        expect(element.disableClose).toBe(false);
        expect(closed).toHaveBeenCalledWith({ title: 'Saved' });
    });

    it('closes with nothing', () => {
        form().dispatchEvent(new CustomEvent('cancel'));
        expect(closed.mock.calls[0][0] ?? undefined).toBeUndefined();
    });
});
