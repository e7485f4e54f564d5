import { createElement } from 'lwc';
import ArInvoiceTable from 'c/arInvoiceTable';

const ROW = {
    id: 'a0I1',
    number: 'INV-1',
    due: 'Oct 22',
    late: '34 days',
    lateClasses: 'late',
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

function shown(properties = {}) {
    const element = createElement('c-ar-invoice-table', { is: ArInvoiceTable });
    Object.assign(element, {
        rows: [ROW, { ...ROW, id: 'a0I2', isSelected: true }],
        ...properties
    });
    element.told = jest.fn();
    ['sort', 'select'].forEach((type) =>
        element.addEventListener(type, ({ detail }) => element.told(type, detail))
    );
    document.body.appendChild(element);
    return element;
}

function find(element, selector) {
    return element.shadowRoot.querySelector(selector);
}

function check(element, selector, checked) {
    const box = find(element, selector);
    box.checked = checked;
    box.dispatchEvent(new CustomEvent('change'));
}

describe('c-ar-invoice-table', () => {
    beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
    afterEach(() => {
        while (document.body.firstChild) {
            document.body.removeChild(document.body.firstChild);
        }
        jest.restoreAllMocks();
    });

    it('is a table for who does not see it, too', () => {
        const table = find(shown(), '[role="table"]');
        expect(table.ariaLabel).toBe('Invoices');
        expect(table.querySelectorAll('[role="rowgroup"]')).toHaveLength(2);
        expect(table.querySelectorAll('[role="columnheader"]')).toHaveLength(12);
    });

    it('lets groups be in which nothing changed', async () => {
        const rows = Array.from({ length: 120 }, (_, index) => ({ ...ROW, id: String(index) }));
        const element = shown({ rows });
        const groups = () => [...element.shadowRoot.querySelectorAll('c-ar-invoice-rows')];
        const before = groups().map((group) => group.rows);
        expect(before.map(({ length }) => length)).toEqual([50, 50, 20]);
        element.rows = [...rows.slice(0, 60), { ...rows[60], isSelected: true }, ...rows.slice(61)];
        await Promise.resolve();
        const after = groups().map((group) => group.rows);
        expect(after.map((group, index) => group === before[index])).toEqual([true, false, true]);
    });

    it('tells which column is to sort, and shows which does', () => {
        const element = shown({ sort: { column: 'balance', isDescending: true } });
        const sorted = element.shadowRoot.querySelectorAll('[aria-sort]');
        expect([...sorted].map((cell) => cell.getAttribute('aria-sort'))).toEqual(['descending']);
        find(element, 'button[data-column="due"]').click();
        expect(element.told).toHaveBeenLastCalledWith('sort', { column: 'due' });
        const choice = find(element, 'lightning-combobox');
        expect(choice.value).toBe('balance');
        choice.dispatchEvent(new CustomEvent('change', { detail: { value: 'late' } }));
        expect(element.told).toHaveBeenLastCalledWith('sort', { column: 'late' });
    });

    it('tells what is selected, one or all', () => {
        const element = shown();
        const detail = { id: 'a0I1', isSelected: true };
        find(element, 'c-ar-invoice-rows').dispatchEvent(new CustomEvent('select', { detail }));
        expect(element.told).toHaveBeenLastCalledWith('select', {
            ids: ['a0I1'],
            isSelected: true
        });
        check(element, '[data-id="all"]', true);
        expect(element.told).toHaveBeenLastCalledWith('select', {
            ids: ['a0I1', 'a0I2'],
            isSelected: true
        });
        expect(find(element, '[data-id="all"]').checked).toBe(true);
    });
});
