import { createElement } from 'lwc';
import ArInvoiceRows from 'c/arInvoiceRows';

const ROW = {
    id: 'a0I1',
    number: 'INV-1',
    due: 'Oct 22',
    late: '34 days',
    lateClasses: 'cell late',
    amount: '$1,200.00',
    balance: '$1,000.00',
    status: 'Open',
    promised: 'Friday',
    disputed: '$5.00',
    isOnHold: true,
    assigned: 'Ada Okafor',
    pay: { url: 'https://pay.example/1', label: 'Pay link of invoice INV-1' },
    select: 'Select invoice INV-1',
    isSelected: false
};

function shown(row = ROW) {
    const element = createElement('c-ar-invoice-rows', { is: ArInvoiceRows });
    element.rows = [row];
    document.body.appendChild(element);
    return element;
}

describe('c-ar-invoice-rows', () => {
    beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
    afterEach(() => {
        document.body.replaceChildren();
        jest.restoreAllMocks();
    });

    it('has a cell for each column, the number as its heading', () => {
        const row = shown().shadowRoot.querySelector('[role="row"]');
        expect(row.querySelectorAll('[role="cell"], [role="rowheader"]')).toHaveLength(12);
        expect(row.querySelector('[role="rowheader"] c-ar-link').label).toBe('INV-1');
        ['34 days', '$1,000.00', 'Friday', '$5.00', 'On hold', 'Ada Okafor'].forEach((text) =>
            expect(row.textContent).toContain(text)
        );
    });

    it('opens the payment page in a new tab, and offers no PDF where there is none', () => {
        const links = [...shown().shadowRoot.querySelectorAll('.links a')];
        expect(links).toHaveLength(1);
        expect(links[0].getAttribute('target')).toBe('_blank');
        expect(links[0].rel).toBe('noopener noreferrer');
        expect(links[0].ariaLabel).toBe('Pay link of invoice INV-1');
    });

    it('tells what is chosen', () => {
        const element = shown();
        const told = jest.fn();
        element.addEventListener('select', ({ detail }) => told(detail));
        const box = element.shadowRoot.querySelector('input');
        expect(box.ariaLabel).toBe('Select invoice INV-1');
        box.checked = true;
        box.dispatchEvent(new CustomEvent('change'));
        expect(told).toHaveBeenCalledWith({ id: 'a0I1', isSelected: true });
    });
});
