import { createElement } from '@lwc/engine-dom';
import ArFormFrame from 'c/arFormFrame';

describe('c-ar-form-frame', () => {
    let element;
    const save = jest.fn();
    const cancel = jest.fn();

    function show(given) {
        element = createElement('c-ar-form-frame', { is: ArFormFrame });
        Object.assign(element, { saveLabel: 'Save', ...given });
        element.addEventListener('save', save);
        element.addEventListener('cancel', cancel);
        document.body.appendChild(element);
    }

    const submit = () =>
        element.shadowRoot
            .querySelector('form')
            .dispatchEvent(new CustomEvent('submit', { cancelable: true }));
    const buttons = () => [...element.shadowRoot.querySelectorAll('lightning-button')];

    afterEach(() => {
        document.body.textContent = '';
        jest.clearAllMocks();
    });

    it('saves on Enter and on the button, by submitting', () => {
        show();
        submit();
        expect(save).toHaveBeenCalledTimes(1);
        expect(buttons()[1]).toMatchObject({ type: 'submit', label: 'Save', disabled: false });
        buttons()[0].click();
        expect(cancel).toHaveBeenCalledTimes(1);
    });

    it.each([{ saving: true }, { unready: true }, { loading: true }])(
        'does not save while %o',
        (given) => {
            show(given);
            submit();
            expect(save).not.toHaveBeenCalled();
            expect(buttons()[1].disabled).toBe(true);
        }
    );

    it('says that it is saving, and what was refused', () => {
        show({ saving: true, problems: ['The period is closed.'] });
        expect(element.shadowRoot.querySelector('[aria-live]').textContent).toBe('Saving…');
        expect(element.shadowRoot.querySelector('[role="alert"]').textContent).toContain(
            'The period is closed.'
        );
    });

    it('shows only why it cannot be used', () => {
        show({ blocked: 'Ask an administrator.' });
        expect(element.shadowRoot.querySelector('form')).toBeNull();
        expect(element.shadowRoot.textContent).toContain('Ask an administrator.');
    });
});
