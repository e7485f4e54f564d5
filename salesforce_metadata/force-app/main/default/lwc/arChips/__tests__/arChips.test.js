import { createElement } from 'lwc';
import ArChips from 'c/arChips';

describe('c-ar-chips', () => {
    afterEach(() => document.body.replaceChildren());

    it('says which are pressed, and tells of a press', () => {
        const element = createElement('c-ar-chips', { is: ArChips });
        const options = ['a', 'b'].map((value) => ({ value, label: value.toUpperCase() }));
        Object.assign(element, { label: 'Letters', options, selected: ['b'] });
        const picked = jest.fn();
        element.addEventListener('pick', ({ detail }) => picked(detail.value));
        document.body.appendChild(element);
        const buttons = [...element.shadowRoot.querySelectorAll('button')];
        expect(buttons.map((one) => one.getAttribute('aria-pressed'))).toEqual(['false', 'true']);
        expect(element.shadowRoot.querySelector('[role="group"]').ariaLabel).toBe('Letters');
        buttons[0].click();
        expect(picked).toHaveBeenCalledWith('a');
    });
});
