import { createElement } from 'lwc';
import ArHeadline from 'c/arHeadline';

function shown(tone) {
    const element = createElement('c-ar-headline', { is: ArHeadline });
    Object.assign(element, { text: '$300 overdue, oldest 3 days', tone });
    document.body.appendChild(element);
    return element.shadowRoot;
}

describe('c-ar-headline', () => {
    afterEach(() => document.body.replaceChildren());

    it('says how it stands as a heading, and announces when that changes', () => {
        const headline = shown('late').querySelector('[aria-live=polite]');
        expect(headline.querySelector('h3').textContent).toBe('$300 overdue, oldest 3 days');
    });

    it.each([
        ['calm', 'utility:success'],
        ['late', 'utility:warning'],
        ['grave', 'utility:error']
    ])('looks %s', (tone, icon) => {
        const root = shown(tone);
        expect(root.querySelector('lightning-icon').iconName).toBe(icon);
        expect(root.querySelector(`.headline_${tone}`)).not.toBeNull();
    });
});
