import { createElement } from '@lwc/engine-dom';
import ArActionForm from 'c/arActionForm';

describe('c-ar-action-form', () => {
    afterEach(() => {
        document.body.textContent = '';
    });

    function show(action) {
        const element = createElement('c-ar-action-form', { is: ArActionForm });
        Object.assign(element, { action, accountId: '001', invoices: [{ Id: 'a1' }] });
        document.body.appendChild(element);
        return element;
    }

    it.each([
        ['call', 'c-ar-contact-form', { kind: 'Call' }],
        ['note', 'c-ar-contact-form', { kind: 'Note' }],
        ['commitment', 'c-ar-commitment-form', {}],
        ['dispute', 'c-ar-dispute-form', {}],
        ['escalation', 'c-ar-escalation-form', {}],
        ['followUp', 'c-ar-follow-up-form', {}]
    ])('shows the form of %s, and passes on what it tells', (action, tag, props) => {
        const element = show(action);
        const form = element.shadowRoot.firstElementChild;
        expect(form.tagName.toLowerCase()).toBe(tag);
        expect(form).toMatchObject({ accountId: '001', invoices: [{ Id: 'a1' }], ...props });
        const heard = jest.fn();
        for (const type of ['saved', 'cancel', 'busy']) {
            element.addEventListener(type, (event) => heard(event.type, event.detail));
            form.dispatchEvent(new CustomEvent(type, { detail: type }));
        }
        expect(heard.mock.calls).toEqual([
            ['saved', 'saved'],
            ['cancel', 'cancel'],
            ['busy', 'busy']
        ]);
    });

    it('shows the follow-up tasks', () => {
        const form = show('task').shadowRoot.firstElementChild;
        expect(form.tagName).toBe('C-AR-TASK-FORM');
        expect(form.accountId).toBe('001');
    });
});
