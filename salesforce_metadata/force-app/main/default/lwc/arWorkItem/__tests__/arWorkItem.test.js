import { createElement } from '@lwc/engine-dom';
import ArWorkItem from 'c/arWorkItem';

const ITEM = {
    id: '001',
    accountId: '001',
    name: 'Acme',
    amounts: [{ currency: 'USD', text: '$48,200 overdue' }],
    reasons: [{ key: 'c1', icon: 'utility:error', iconVariant: 'error', text: 'Did not keep it' }],
    handler: 'Ben is on it',
    isOthers: true,
    primary: 'followUp'
};

describe('c-ar-work-item', () => {
    afterEach(() => {
        document.body.textContent = '';
    });

    function show(given) {
        const element = createElement('c-ar-work-item', { is: ArWorkItem });
        element.item = { ...ITEM, ...given };
        document.body.appendChild(element);
        return (selector) => element.shadowRoot.querySelector(selector);
    }

    it('says what is owed, why to act and who is on it, and offers the action', () => {
        const find = show();
        expect(find('c-ar-link')).toMatchObject({
            recordId: '001',
            objectApiName: 'Account',
            label: 'Acme'
        });
        expect(find('.amounts').textContent).toBe('$48,200 overdue');
        expect(find('.reasons').textContent).toBe('Did not keep it');
        expect(find('.handler.others').textContent).toContain('Ben is on it');
        expect(find('c-ar-actions')).toMatchObject({
            accountId: '001',
            accountName: 'Acme',
            primary: 'followUp',
            compact: true
        });
    });

    it('leaves out what there is not', () => {
        const find = show({ amounts: [], handler: undefined });
        expect(find('.amounts')).toBeNull();
        expect(find('.handler')).toBeNull();
    });
});
