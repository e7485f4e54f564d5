import { createElement } from '@lwc/engine-dom';
import { graphql } from 'lightning/graphql';
import ArInvoicePicker from 'c/arInvoicePicker';
import { likeOf, toggled } from '../picking';

const node = (Id, number, balance, overdue, currency = 'USD') => ({
    node: {
        Id,
        Name: { value: number },
        Number__c: { value: number },
        Balance__c: { value: balance },
        Currency__c: { value: currency },
        Due_On__c: { value: '2025-01-15' },
        Overdue__c: { value: overdue },
        Days_Past_Due__c: { value: overdue ? 12 : 0 },
        Disputed__c: { value: null }
    }
});
const OPEN = {
    uiapi: {
        query: {
            AR_Invoice__c: {
                edges: [
                    node('a1', 'INV-1', 100, true),
                    node('a2', 'INV-2', 200.5, true, 'EUR'),
                    node('a3', 'INV-3', 300, false)
                ],
                totalCount: 60
            }
        }
    }
};

const flush = () => Promise.resolve();

describe('c-ar-invoice-picker', () => {
    let element;
    let choose;

    function show(given) {
        element = createElement('c-ar-invoice-picker', { is: ArInvoicePicker });
        Object.assign(element, {
            accountId: '001',
            label: 'For invoices',
            emptyLabel: 'None named'
        });
        Object.assign(element, given);
        choose = jest.fn();
        element.addEventListener('choose', ({ detail }) => choose(detail));
        document.body.appendChild(element);
    }

    const all = (selector) => [...element.shadowRoot.querySelectorAll(selector)];
    const chips = () => all('lightning-pill').map(({ label }) => label);
    const text = () => element.shadowRoot.textContent;

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('starts with the overdue invoices of the account', async () => {
        show({ preset: 'overdue' });
        graphql.emit(OPEN);
        await flush();
        expect(chips()).toEqual(['INV-1 · $100.00', 'INV-2 · €200.50']);
        expect(text()).toContain('For invoices: 2 invoices');
        const [{ rows, currencies }] = choose.mock.calls[0];
        expect(rows.map(({ Id }) => Id)).toEqual(['a1', 'a2']);
        expect(currencies).toEqual(['EUR', 'USD']);
    });

    it('starts with given invoices, and says where there are too many', async () => {
        const rows = [1, 2, 3].map((number) => ({
            Id: `g${number}`,
            Number__c: `G-${number}`,
            Balance__c: number,
            Currency__c: 'USD'
        }));
        show({ invoices: rows, max: 2 });
        graphql.emit(OPEN);
        await flush();
        expect(chips()).toEqual(['G-1 · $1.00', 'G-2 · $2.00']);
        expect(text()).toContain('You chose 3 invoices; the first 2 are taken.');
    });

    it('says what it means when none is chosen', async () => {
        show({});
        graphql.emit(OPEN);
        await flush();
        expect(chips()).toEqual([]);
        expect(text()).toContain('None named');
    });

    it('lets one remove and add', async () => {
        show({ preset: 'overdue' });
        graphql.emit(OPEN);
        await flush();
        all('lightning-pill')[0].dispatchEvent(new CustomEvent('remove', { cancelable: true }));
        await flush();
        expect(chips()).toEqual(['INV-2 · €200.50']);
        const toggle = element.shadowRoot.querySelector('button');
        expect(toggle.getAttribute('aria-expanded')).toBe('false');
        toggle.click();
        await flush();
        expect(text()).toContain('57 more open invoices are not listed');
        const boxes = all('lightning-input[data-id]');
        expect(boxes.map(({ label }) => label)).toEqual([
            'INV-1 · $100.00 · due Jan 15, 2025, 12 days late',
            'INV-2 · €200.50 · due Jan 15, 2025, 12 days late',
            'INV-3 · $300.00 · due Jan 15, 2025'
        ]);
        expect(boxes.map(({ checked }) => checked)).toEqual([false, true, false]);
        boxes[2].dispatchEvent(new CustomEvent('change', { detail: { checked: true } }));
        await flush();
        expect(chips()).toEqual(['INV-2 · €200.50', 'INV-3 · $300.00']);
        expect(choose).toHaveBeenCalledTimes(3);
    });

    it('searches by number, at the server, for what was typed', async () => {
        show({});
        graphql.emit(OPEN);
        await flush();
        element.shadowRoot.querySelector('button').click();
        await flush();
        const search =
            element.shadowRoot.querySelector('lightning-input[type="search"]') ??
            all('lightning-input')[0];
        search.dispatchEvent(new CustomEvent('change', { detail: { value: ' 5_0 ' } }));
        await flush();
        const { query, variables } = graphql.getLastConfig();
        expect(query).toContain('like: $like');
        expect(variables).toEqual({ accountId: '001', first: 50, like: '%5\\_0%' });
        graphql.emit({ uiapi: { query: { AR_Invoice__c: { edges: [], totalCount: 0 } } } });
        await flush();
        expect(text()).toContain('No open invoice has " 5_0 " in its number.');
    });

    it('says what hindered it, and can be used without', async () => {
        show({ preset: 'overdue' });
        graphql.emitErrors([{ message: 'Server busy' }]);
        await flush();
        expect(text()).toContain('Server busy');
        expect(choose).toHaveBeenCalledWith({ rows: [], currencies: [] });
    });

    it('takes the place of the one invoice where only one can be chosen', () => {
        const [one, other] = [{ Id: 'a' }, { Id: 'b' }];
        expect(toggled([one], other, true, 1)).toEqual([other]);
        expect(toggled([one], one, false, 1)).toEqual([]);
        expect(toggled([one], one, true, 50)).toEqual([one]);
        expect(likeOf('10%')).toBe('%10\\%%');
    });
});
