import { every, onBucket, onChanged, tellBucket, tellChanged } from 'c/arLive';

describe('c-ar-live', () => {
    afterEach(() => jest.useRealTimers());

    it('tells whoever listens, until they stop', () => {
        const heard = jest.fn();
        const buckets = jest.fn();
        const stops = [onChanged(heard), onBucket(buckets)];
        tellChanged('001');
        tellBucket('001', '1-30', 'USD');
        expect(heard).toHaveBeenCalledWith({ accountId: '001' });
        expect(buckets).toHaveBeenCalledWith({ accountId: '001', bucket: '1-30', currency: 'USD' });
        stops.forEach((stop) => stop());
        tellChanged('001');
        expect(heard).toHaveBeenCalledTimes(1);
    });

    it('acts every so many seconds, never twice at once, and not while hidden', async () => {
        jest.useFakeTimers();
        let finish;
        const act = jest.fn(() => new Promise((resolve) => (finish = resolve)));
        const stop = every(10, act);
        jest.advanceTimersByTime(30_000);
        expect(act).toHaveBeenCalledTimes(1);
        finish();
        await Promise.resolve();
        await Promise.resolve();
        jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
        jest.advanceTimersByTime(10_000);
        expect(act).toHaveBeenCalledTimes(1);
        jest.spyOn(document, 'hidden', 'get').mockReturnValue(false);
        document.dispatchEvent(new CustomEvent('visibilitychange'));
        expect(act).toHaveBeenCalledTimes(2);
        stop();
        jest.advanceTimersByTime(60_000);
        expect(act).toHaveBeenCalledTimes(2);
    });

    it('does nothing every 0 seconds', () => {
        jest.useFakeTimers();
        const act = jest.fn();
        every(0, act)();
        jest.advanceTimersByTime(60_000);
        expect(act).not.toHaveBeenCalled();
    });
});
