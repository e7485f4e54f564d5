import { createElement } from 'lwc';
import ArLink from 'c/arLink';

const mockNavigate = jest.fn();

jest.mock('lightning/navigation', () => {
    const Navigate = Symbol('Navigate');
    const GenerateUrl = Symbol('GenerateUrl');
    const NavigationMixin = (Base) =>
        class extends Base {
            [Navigate](page) {
                mockNavigate(page);
            }
            async [GenerateUrl]({ attributes }) {
                return `https://org.example/${attributes.recordId}`;
            }
        };
    return { NavigationMixin: Object.assign(NavigationMixin, { Navigate, GenerateUrl }) };
});

async function shown() {
    const element = createElement('c-ar-link', { is: ArLink });
    const properties = { recordId: 'a0I1', objectApiName: 'AR_Invoice__c', label: 'INV-1' };
    Object.assign(element, properties);
    document.body.appendChild(element);
    await Promise.resolve();
    await Promise.resolve();
    return element.shadowRoot.querySelector('a');
}

/** Press it; whether the component took it upon itself. The browser is kept from following the link. */
function click(link, keys = {}) {
    let isTaken;
    const stay = (event) => {
        isTaken = event.defaultPrevented;
        event.preventDefault();
    };
    document.addEventListener('click', stay, { once: true });
    const options = { bubbles: true, composed: true, cancelable: true, ...keys };
    link.dispatchEvent(new MouseEvent('click', options));
    return isTaken;
}

describe('c-ar-link', () => {
    afterEach(() => {
        document.body.replaceChildren();
        mockNavigate.mockClear();
    });

    it('is a link that opens the record in place', async () => {
        const link = await shown();
        expect(link.textContent).toBe('INV-1');
        expect(link.href).toBe('https://org.example/a0I1');
        expect(click(link)).toBe(true);
        expect(mockNavigate).toHaveBeenCalledWith({
            type: 'standard__recordPage',
            attributes: { recordId: 'a0I1', objectApiName: 'AR_Invoice__c', actionName: 'view' }
        });
    });

    it('leaves a new tab to the browser', async () => {
        expect(click(await shown(), { ctrlKey: true })).toBe(false);
        expect(mockNavigate).not.toHaveBeenCalled();
    });
});
