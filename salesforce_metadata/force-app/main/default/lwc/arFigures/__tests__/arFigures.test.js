import { createElement } from 'lwc';
import ArFigures from 'c/arFigures';

const VIEW = {
    key: '1',
    currency: 'USD',
    title: 'In USD',
    headline: '$300 overdue, oldest 3 days',
    tone: 'late',
    buckets: [{ name: '1-30', label: '1–30 days late', amount: 300 }],
    measures: [
        { label: 'Overdue', text: '$300', detail: '2 invoices', isLate: true },
        { label: 'DSO, ratio', text: '41', help: 'Days sales outstanding.' }
    ],
    facts: [{ label: 'Last payment', text: '$20, yesterday' }]
};

function shown(over = {}) {
    const element = createElement('c-ar-figures', { is: ArFigures });
    Object.assign(element, { view: { ...VIEW, ...over } });
    document.body.appendChild(element);
    return element;
}

describe('c-ar-figures', () => {
    afterEach(() => document.body.replaceChildren());

    it('says how it stands, and announces when that changes', () => {
        const root = shown().shadowRoot;
        const headline = root.querySelector('.headline');
        expect(headline.textContent).toBe('$300 overdue, oldest 3 days');
        expect(headline.getAttribute('aria-live')).toBe('polite');
        expect(root.querySelector('h3').textContent).toBe('In USD');
        expect(root.querySelector('lightning-icon').iconName).toBe('utility:warning');
    });

    it('has no heading where there is one currency', () => {
        expect(shown({ title: undefined }).shadowRoot.querySelector('h3')).toBeNull();
    });

    it('lists the measures, with what they mean', () => {
        const root = shown().shadowRoot;
        expect([...root.querySelectorAll('.value')].map((one) => one.textContent)).toEqual([
            '$300',
            '41'
        ]);
        expect(root.querySelector('.value_late').textContent).toBe('$300');
        expect(root.querySelector('lightning-helptext').content).toBe('Days sales outstanding.');
        expect(root.querySelector('c-ar-facts').facts).toEqual(VIEW.facts);
    });

    it('tells of a bucket with its currency', () => {
        const element = shown();
        const chosen = jest.fn();
        element.addEventListener('bucket', ({ detail }) => chosen(detail));
        const bar = element.shadowRoot.querySelector('c-ar-aging-bar');
        bar.dispatchEvent(new CustomEvent('bucket', { detail: { bucket: '1-30' } }));
        expect(chosen).toHaveBeenCalledTimes(1);
        expect(chosen).toHaveBeenCalledWith({ bucket: '1-30', currency: 'USD' });
    });
});
