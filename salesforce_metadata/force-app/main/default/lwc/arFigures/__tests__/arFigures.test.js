import { createElement } from 'lwc';
import ArFigures from 'c/arFigures';

const VIEW = {
    key: '1',
    currency: 'USD',
    title: 'In USD',
    buckets: [{ name: '1-30', label: '1–30 days late', amount: 300 }],
    measures: [
        { label: 'Overdue', text: '$300', detail: '2 invoices', isLate: true },
        { label: 'DSO, ratio', text: '41 days', help: 'Days sales outstanding.' }
    ],
    facts: [{ label: 'Next promise', text: '$20 by Friday' }]
};

function shown(over = {}) {
    const element = createElement('c-ar-figures', { is: ArFigures });
    Object.assign(element, { view: { ...VIEW, ...over } });
    document.body.appendChild(element);
    return element;
}

describe('c-ar-figures', () => {
    afterEach(() => document.body.replaceChildren());

    it('names its currency only where there are several', () => {
        expect(shown().shadowRoot.querySelector('h3').textContent).toBe('In USD');
        expect(shown({ title: undefined }).shadowRoot.querySelector('h3')).toBeNull();
    });

    it('lists the measures, with what they mean', () => {
        const root = shown().shadowRoot;
        expect([...root.querySelectorAll('.value')].map((one) => one.textContent)).toEqual([
            '$300',
            '41 days'
        ]);
        expect(root.querySelector('.value_late').textContent).toBe('$300');
        expect(root.querySelector('lightning-helptext').content).toBe('Days sales outstanding.');
        expect(root.querySelector('c-ar-facts').facts).toEqual(VIEW.facts);
    });

    it('draws no aging where nothing is owed', () => {
        const root = shown({ buckets: [] }).shadowRoot;
        expect(root.querySelector('c-ar-aging-bar')).toBeNull();
    });

    it('tells apart what is not known from a figure', () => {
        const measures = [{ label: 'DSO, ratio', text: 'Not known yet', isUnknown: true }];
        const root = shown({ measures }).shadowRoot;
        expect(root.querySelector('.value_unknown').textContent).toBe('Not known yet');
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
