/** A message service that delivers, unlike the stub of sfdx-lwc-jest, so that tests can see components talk. */
import { createTestWireAdapter } from '@salesforce/wire-service-jest-util';

export const APPLICATION_SCOPE = Symbol('APPLICATION_SCOPE');
export const MessageContext = createTestWireAdapter(jest.fn());
export const createMessageContext = jest.fn(() => ({}));
export const releaseMessageContext = jest.fn();

const heard = new Map();

export const subscribe = jest.fn((context, channel, listener) => {
    const subscription = {};
    heard.set(subscription, { name: nameOf(channel), listener });
    return subscription;
});
export const unsubscribe = jest.fn((subscription) => heard.delete(subscription));
export const publish = jest.fn((context, channel, message) => {
    for (const { name, listener } of [...heard.values()]) {
        if (name === nameOf(channel)) {
            listener(message);
        }
    }
});

/** In tests a message channel is its name, or an object around it. */
function nameOf(channel) {
    return typeof channel === 'string' ? channel : JSON.stringify(channel);
}
