// Lightning Message Service within one page, which is all of its active area and its application here.

export const APPLICATION_SCOPE = Symbol('APPLICATION_SCOPE');

const subscriptions = new Set();

class Context {}

/** A context of the component that it is wired into: what the component subscribed ends with it. */
export class MessageContext {
    constructor(emit) {
        this.context = new Context();
        emit(this.context);
    }

    connect() {}

    update() {}

    disconnect() {
        releaseMessageContext(this.context);
    }
}

export function createMessageContext() {
    return new Context();
}

export function releaseMessageContext(context) {
    subscriptions.forEach((each) => each.context === context && subscriptions.delete(each));
}

export function publish(context, channel, message) {
    check('publish', context, channel);
    const sent = message === undefined ? undefined : JSON.parse(JSON.stringify(message));
    [...subscriptions]
        .filter((each) => each.channel === channel.channelName)
        .forEach((each) => each.listener(sent));
}

export function subscribe(context, channel, listener, options = {}) {
    check('subscribe', context, channel);
    if (options.scope !== undefined && options.scope !== APPLICATION_SCOPE) {
        throw new TypeError('The scope of a subscription is APPLICATION_SCOPE or nothing.');
    }
    const subscription = { context, channel: channel.channelName, listener };
    subscriptions.add(subscription);
    return subscription;
}

export function unsubscribe(subscription) {
    subscriptions.delete(subscription);
}

function check(name, context, channel) {
    if (!(context instanceof Context)) {
        throw new TypeError(`${name} needs the MessageContext that is wired into the component.`);
    }
    if (!channel?.channelName) {
        throw new TypeError(`${name} needs a channel imported from @salesforce/messageChannel.`);
    }
}
