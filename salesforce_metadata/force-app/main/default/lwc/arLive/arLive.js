/**
 * How the components of a page tell each other that something changed, and how a page stays true by itself.
 *
 * Only one component of a page asks the server now and then (the panel, by `every`). When what it sees differs, or when
 * somebody acts, it says so on the channel `AR_Changed__c`, and every component that shows that account asks again.
 * Message contexts are made here and not by `@wire(MessageContext)`, so that plain modules can use the channels too.
 */
import {
    APPLICATION_SCOPE,
    createMessageContext,
    publish,
    releaseMessageContext,
    subscribe,
    unsubscribe
} from 'lightning/messageService';
import BUCKET from '@salesforce/messageChannel/AR_Bucket__c';
import CHANGED from '@salesforce/messageChannel/AR_Changed__c';

/** Say that something about an account changed. */
export function tellChanged(accountId) {
    say(CHANGED, { accountId });
}

/** Say which aging bucket of an account somebody wants to see; `bucket` null stands for all. */
export function tellBucket(accountId, bucket, currency = null) {
    say(BUCKET, { accountId, bucket, currency });
}

/**
 * Hear of changes: `heard({ accountId })`. Returns a function that ends it.
 */
export function onChanged(heard) {
    return hear(CHANGED, heard);
}

/**
 * Hear of chosen buckets: `heard({ accountId, bucket, currency })`. Returns a function that ends it.
 */
export function onBucket(heard) {
    return hear(BUCKET, heard);
}

/**
 * Do something every so many seconds while the page is visible, and at once when it becomes visible again. A round is
 * left out while the one before is still going on. Returns a function that ends it; 0 seconds never starts.
 */
export function every(seconds, act) {
    let going = false;
    const round = async () => {
        if (going || document.hidden) {
            return;
        }
        going = true;
        try {
            await act();
        } finally {
            going = false;
        }
    };
    if (!seconds) {
        return () => {};
    }
    // A page that is looked at for a whole day has to ask again: nothing tells a component of a change at the server.
    // eslint-disable-next-line @lwc/lwc/no-async-operation
    const timer = setInterval(round, seconds * 1000);
    document.addEventListener('visibilitychange', round);
    return () => {
        clearInterval(timer);
        document.removeEventListener('visibilitychange', round);
    };
}

function say(channel, message) {
    const context = createMessageContext();
    publish(context, channel, message);
    releaseMessageContext(context);
}

function hear(channel, heard) {
    const context = createMessageContext();
    const subscription = subscribe(context, channel, heard, { scope: APPLICATION_SCOPE });
    return () => {
        unsubscribe(subscription);
        releaseMessageContext(context);
    };
}
