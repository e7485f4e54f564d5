import { createElement } from 'lwc';
import ArInvoiceFilter from 'c/arInvoiceFilter';

const BUCKETS = [
    { value: '1-30', label: '1–30 days late' },
    { value: '31-60', label: '31–60 days late' }
];
const OPEN = { isAll: false, bucket: null, currency: null, search: '' };

function shown(filter = OPEN) {
    const element = createElement('c-ar-invoice-filter', { is: ArInvoiceFilter });
    Object.assign(element, { filter, buckets: BUCKETS });
    element.told = jest.fn();
    element.addEventListener('filter', ({ detail }) => element.told(detail));
    document.body.appendChild(element);
    return element;
}

function tell(element, selector, type, value) {
    const event = new CustomEvent(type, { detail: { value } });
    element.shadowRoot.querySelector(selector).dispatchEvent(event);
}

describe('c-ar-invoice-filter', () => {
    afterEach(() => {
        while (document.body.firstChild) {
            document.body.removeChild(document.body.firstChild);
        }
        jest.useRealTimers();
    });

    it('switches between open and all', () => {
        const element = shown();
        expect(element.shadowRoot.querySelector('lightning-radio-group').value).toBe('open');
        tell(element, 'lightning-radio-group', 'change', 'all');
        expect(element.told).toHaveBeenLastCalledWith({ isAll: true });
    });

    it('chooses a bucket, and lets it go when it is pressed again', () => {
        const element = shown({ ...OPEN, bucket: '1-30', currency: 'EUR' });
        expect(element.shadowRoot.querySelector('c-ar-chips').selected).toEqual(['1-30']);
        tell(element, 'c-ar-chips', 'pick', '31-60');
        expect(element.told).toHaveBeenLastCalledWith({ bucket: '31-60', currency: 'EUR' });
        tell(element, 'c-ar-chips', 'pick', '1-30');
        expect(element.told).toHaveBeenLastCalledWith({ bucket: null, currency: null });
    });

    it('asks once for a number that is typed', () => {
        jest.useFakeTimers();
        const element = shown();
        tell(element, 'lightning-input', 'change', '1');
        tell(element, 'lightning-input', 'change', ' 17');
        jest.runAllTimers();
        expect(element.told.mock.calls).toEqual([[{ search: '17' }]]);
    });
});
