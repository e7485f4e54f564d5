import { createElement } from 'lwc';
import ArTimelineFilter from 'c/arTimelineFilter';

const KINDS = [
    { value: 'Call', label: 'Call' },
    { value: 'Note', label: 'Note' }
];

async function shown(properties = {}) {
    const element = createElement('c-ar-timeline-filter', { is: ArTimelineFilter });
    const filter = { kinds: ['Call'], who: '', days: 0, system: '' };
    Object.assign(element, {
        filter,
        kinds: KINDS,
        systems: ['Stripe', 'Salesforce'],
        ...properties
    });
    element.told = jest.fn();
    element.addEventListener('filter', ({ detail }) => element.told(detail));
    document.body.appendChild(element);
    element.shadowRoot.querySelector('button').click();
    await Promise.resolve();
    return element;
}

function tell(element, selector, type, value) {
    const event = new CustomEvent(type, { detail: { value } });
    element.shadowRoot.querySelector(selector).dispatchEvent(event);
}

describe('c-ar-timeline-filter', () => {
    afterEach(() => {
        while (document.body.firstChild) {
            document.body.removeChild(document.body.firstChild);
        }
        jest.useRealTimers();
    });

    it('opens and closes', async () => {
        const element = await shown();
        const button = element.shadowRoot.querySelector('button');
        expect(button.getAttribute('aria-expanded')).toBe('true');
        button.click();
        await Promise.resolve();
        expect(button.getAttribute('aria-expanded')).toBe('false');
        expect(element.shadowRoot.querySelector('c-ar-chips')).toBeNull();
    });

    it('adds a kind and takes it away', async () => {
        const element = await shown();
        tell(element, 'c-ar-chips', 'pick', 'Note');
        expect(element.told).toHaveBeenLastCalledWith({ kinds: ['Call', 'Note'] });
        tell(element, 'c-ar-chips', 'pick', 'Call');
        expect(element.told).toHaveBeenLastCalledWith({ kinds: [] });
    });

    it('waits until a name is typed', async () => {
        jest.useFakeTimers();
        const element = await shown();
        tell(element, 'lightning-input', 'change', 'A');
        tell(element, 'lightning-input', 'change', 'Ada ');
        jest.runAllTimers();
        expect(element.told.mock.calls).toEqual([[{ who: 'Ada' }]]);
    });

    it('takes days and a system', async () => {
        const element = await shown();
        tell(element, '[data-id="when"]', 'change', '30');
        expect(element.told).toHaveBeenLastCalledWith({ days: 30 });
        tell(element, '[data-id="system"]', 'change', 'Stripe');
        expect(element.told).toHaveBeenLastCalledWith({ system: 'Stripe' });
        const options = element.shadowRoot.querySelector('[data-id="system"]').options;
        expect(options.map(({ label }) => label)).toEqual(['All systems', 'Salesforce', 'Stripe']);
    });

    it('lets go of everything, once something is filtered', async () => {
        expect((await shown()).shadowRoot.querySelector('lightning-button')).toBeNull();
        const filter = { kinds: ['Call'], who: 'Ada', days: 30, system: 'Stripe' };
        const element = await shown({ filter, isFiltered: true });
        const summary = element.shadowRoot.querySelector('.summary').textContent;
        expect(summary).toBe('Shown: Call, Ada, Last 30 days, Stripe.');
        const cleared = jest.fn();
        element.addEventListener('clear', cleared);
        element.shadowRoot
            .querySelector('lightning-button')
            .dispatchEvent(new CustomEvent('click'));
        expect(cleared).toHaveBeenCalledTimes(1);
    });
});
