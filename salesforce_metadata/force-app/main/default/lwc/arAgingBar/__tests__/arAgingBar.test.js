import { createElement } from 'lwc';
import ArAgingBar from 'c/arAgingBar';

const BUCKETS = [
    { name: 'Not due', label: 'Not due', amount: 100 },
    { name: '1-30', label: '1–30 days late', amount: 300, count: 2 },
    { name: '31-60', label: '31–60 days late', amount: 0 }
];

function shown(over = {}) {
    const element = createElement('c-ar-aging-bar', { is: ArAgingBar });
    Object.assign(element, { currency: 'EUR', buckets: BUCKETS, ...over });
    document.body.appendChild(element);
    return element;
}

function buttons(element) {
    return [...element.shadowRoot.querySelectorAll('button')];
}

describe('c-ar-aging-bar', () => {
    afterEach(() => document.body.replaceChildren());

    it('draws what is owed, in proportion, and describes it in words', () => {
        const bar = shown().shadowRoot.querySelector('[role=img]');
        expect(bar.getAttribute('aria-label')).toBe(
            'Aging in EUR. Not due: €100 (25 %); 1–30 days late: €300 (75 %)'
        );
        const widths = [...bar.children].map(({ style }) => style.flexGrow);
        expect(widths).toEqual(['0.25', '0.75']);
    });

    it('has a button for each bucket that holds something, with its amount', () => {
        const element = shown();
        expect(buttons(element).map(({ textContent }) => textContent)).toEqual([
            'Not due€100',
            '1–30 days late€3002 invoices'
        ]);
        expect(element.shadowRoot.querySelector('.nothing').textContent).toBe('31–60 days late€0');
    });

    it('tells which bucket was chosen, and that it is not any more', async () => {
        const element = shown();
        const chosen = jest.fn();
        element.addEventListener('bucket', ({ detail }) => chosen(detail));
        buttons(element)[1].click();
        expect(chosen).toHaveBeenLastCalledWith({ bucket: '1-30' });

        element.selected = '1-30';
        await Promise.resolve();
        expect(buttons(element).map((one) => one.getAttribute('aria-pressed'))).toEqual([
            'false',
            'true'
        ]);
        buttons(element)[1].click();
        expect(chosen).toHaveBeenLastCalledWith({ bucket: null });
    });

    it('can be chosen in the drawing too', () => {
        const element = shown();
        const chosen = jest.fn();
        element.addEventListener('bucket', ({ detail }) => chosen(detail));
        element.shadowRoot.querySelector('.segment').click();
        expect(chosen).toHaveBeenCalledWith({ bucket: 'Not due' });
    });

    it('draws nothing where nothing is owed', () => {
        const element = shown({ buckets: BUCKETS.map((one) => ({ ...one, amount: null })) });
        expect(element.shadowRoot.querySelector('[role=img]')).toBeNull();
        expect(buttons(element)).toHaveLength(0);
    });
});
