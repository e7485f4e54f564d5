import { createElement } from 'lwc';
import ArTimelineEntry from 'c/arTimelineEntry';

const ENTRY = {
    id: 'a0A1',
    object: 'AR_Activity__c',
    kind: 'Call',
    kindLabel: 'Call',
    title: 'Spoke with Jo',
    body: 'One\nTwo\nThree\nFour',
    who: 'Ada Okafor',
    system: 'Zendesk',
    instant: '2026-11-25T12:00:00Z',
    whenInFull: 'Nov 25, 2026, 7:00 AM',
    amount: '$5.00',
    badges: [{ label: 'Overdue for an answer', classes: 'badge bad' }],
    facts: ['Escalated to Finance'],
    links: [{ id: 'a0I1', object: 'AR_Invoice__c', label: 'INV-1' }]
};

let resized;

function shown(entry = ENTRY) {
    const element = createElement('c-ar-timeline-entry', { is: ArTimelineEntry });
    Object.assign(element, { entry, now: Date.now() });
    document.body.appendChild(element);
    return element;
}

/** As a browser measures: a text of so many lines in a box of three. */
async function measured(element, lines) {
    const body = element.shadowRoot.querySelector('.text');
    Object.defineProperty(body, 'scrollHeight', { value: lines * 20 });
    Object.defineProperty(body, 'clientHeight', { value: Math.min(lines, 3) * 20 });
    resized();
    await Promise.resolve();
}

describe('c-ar-timeline-entry', () => {
    beforeEach(() => {
        jest.useFakeTimers().setSystemTime(new Date('2026-11-25T15:00:00Z'));
        global.ResizeObserver = class {
            constructor(heard) {
                resized = heard;
            }
            observe() {}
            disconnect() {}
        };
    });
    afterEach(() => {
        while (document.body.firstChild) {
            document.body.removeChild(document.body.firstChild);
        }
        jest.useRealTimers();
        delete global.ResizeObserver;
    });

    it('tells what, who, when, where and how much', () => {
        const root = shown().shadowRoot;
        const text = root.querySelector('.meta').textContent;
        expect(text).toContain('Ada Okafor');
        expect(text).toContain('3 hours ago');
        expect(text).toContain('Zendesk');
        expect(text).toContain('Overdue for an answer');
        expect(root.querySelector('.amount').textContent).toBe('$5.00');
        expect(root.querySelector('.fact').textContent).toBe('Escalated to Finance');
        expect(root.querySelector('lightning-icon').alternativeText).toBe('Call');
        expect(root.querySelector('[title="Nov 25, 2026, 7:00 AM"]')).not.toBeNull();
        const links = [...root.querySelectorAll('c-ar-link')].map(({ label }) => label);
        expect(links).toEqual(['Spoke with Jo', 'INV-1']);
    });

    it('opens and closes a long text', async () => {
        const element = shown();
        expect(element.shadowRoot.querySelector('button')).toBeNull();
        await measured(element, 9);
        const button = element.shadowRoot.querySelector('button');
        expect(button.textContent).toBe('Show more');
        expect(button.getAttribute('aria-expanded')).toBe('false');
        button.click();
        await Promise.resolve();
        expect(button.textContent).toBe('Show less');
        expect(element.shadowRoot.querySelector('.cut')).toBeNull();
        button.click();
        await Promise.resolve();
        expect(element.shadowRoot.querySelector('.cut')).not.toBeNull();
    });

    it('leaves a short text as it is', async () => {
        const element = shown();
        await measured(element, 3);
        expect(element.shadowRoot.querySelector('button')).toBeNull();
    });

    it('does without what is not known', () => {
        const bare = {
            ...ENTRY,
            body: '',
            who: null,
            amount: '',
            badges: [],
            facts: [],
            links: []
        };
        const root = shown({ ...bare, kind: 'Something new' }).shadowRoot;
        expect(root.querySelector('.text')).toBeNull();
        expect(root.querySelector('.amount')).toBeNull();
        expect(root.querySelector('lightning-icon').iconName).toBe('standard:record');
    });
});
