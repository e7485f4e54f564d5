import { createElement } from 'lwc';
import ArFacts from 'c/arFacts';

function shown(facts) {
    const element = createElement('c-ar-facts', { is: ArFacts });
    element.facts = facts;
    document.body.appendChild(element);
    return element.shadowRoot;
}

describe('c-ar-facts', () => {
    afterEach(() => document.body.replaceChildren());

    it('lists each fact with its name, text, detail and help', () => {
        const root = shown([
            { label: 'Disputes', text: '2 open', detail: '1 past its deadline', isLate: true },
            {
                label: 'Reminders',
                text: 'On hold',
                help: 'No reminders are sent.',
                hint: 'Since May'
            }
        ]);
        expect([...root.querySelectorAll('dt')].map((one) => one.textContent.trim())).toEqual([
            'Disputes',
            'Reminders'
        ]);
        expect([...root.querySelectorAll('dd')].map((one) => one.textContent)).toEqual([
            '2 open',
            '1 past its deadline',
            'On hold'
        ]);
        expect(root.querySelector('.text_late').textContent).toBe('2 open');
        expect(root.querySelector('lightning-helptext').content).toBe('No reminders are sent.');
        expect(root.querySelectorAll('dd')[2].title).toBe('Since May');
    });

    it('is not there without facts', () => {
        expect(shown([]).querySelector('dl')).toBeNull();
    });
});
