import { createElement } from 'lwc';
import ArNotice from 'c/arNotice';

function shown(properties) {
    const element = createElement('c-ar-notice', { is: ArNotice });
    Object.assign(element, properties);
    document.body.appendChild(element);
    return element;
}

describe('c-ar-notice', () => {
    afterEach(() => document.body.replaceChildren());

    it('is quiet, without a next step if there is none', () => {
        const root = shown({ text: 'Nothing here.' }).shadowRoot;
        expect(root.querySelector('p').textContent).toBe('Nothing here.');
        expect(root.querySelector('lightning-button')).toBeNull();
        expect(root.querySelector('[role]')).toBeNull();
    });

    it('tells why, and offers the next step', () => {
        const element = shown({
            text: 'Not read.',
            details: ['No connection.'],
            action: 'Try again',
            variant: 'error'
        });
        const acted = jest.fn();
        element.addEventListener('action', acted);
        const root = element.shadowRoot;
        expect(root.querySelector('[role="status"]').textContent).toContain('No connection.');
        root.querySelector('lightning-button').dispatchEvent(new CustomEvent('click'));
        expect(acted).toHaveBeenCalledTimes(1);
    });
});
