import { NavigationMixin } from 'lightning/navigation';
import { toastRefused, toastSaved } from 'c/arToast';

describe('c-ar-toast', () => {
    const host = {
        [NavigationMixin.GenerateUrl]: jest.fn().mockResolvedValue('/a05'),
        dispatchEvent: jest.fn()
    };
    const toast = () => host.dispatchEvent.mock.calls[0][0].detail;

    afterEach(() => jest.clearAllMocks());

    it('says what was saved, with a link to it', async () => {
        await toastSaved(host, { title: 'Saved', recordId: 'a05', link: 'Open it' });
        expect(toast()).toEqual({
            title: 'Saved',
            variant: 'success',
            message: '{0}',
            messageData: [{ url: '/a05', label: 'Open it' }]
        });
    });

    it('says it without a link where there is nothing to look at', async () => {
        await toastSaved(host, { title: 'Saved' });
        expect(toast()).toEqual({ title: 'Saved', variant: 'success', message: '' });
        expect(host[NavigationMixin.GenerateUrl]).not.toHaveBeenCalled();
    });

    it('says what was refused until somebody has read it', () => {
        toastRefused(host, 'Not saved', { body: { message: 'Locked.' } });
        expect(toast()).toEqual({
            title: 'Not saved',
            message: 'Locked.',
            variant: 'error',
            mode: 'sticky'
        });
    });
});
