// RefreshView within one page: whoever registered is asked to refresh, and says when done.

export const RefreshEventName = 'lightning__refresh';
export const REFRESH_COMPLETE = 'Complete';
export const REFRESH_COMPLETE_WITH_ERRORS = 'CompleteWithErrors';
export const REFRESH_ERROR = 'Error';

export class RefreshEvent extends CustomEvent {
    constructor() {
        super(RefreshEventName, { composed: true, cancelable: true, bubbles: true });
    }
}

const handlers = new Map();
const containers = new Map();
let last = 0;

export function registerRefreshHandler(element, handler) {
    last += 1;
    handlers.set(last, handler.bind(element));
    return last;
}

export function unregisterRefreshHandler(id) {
    handlers.delete(id);
}

export function registerRefreshContainer(element, handler) {
    last += 1;
    containers.set(last, handler.bind(element));
    return last;
}

export function unregisterRefreshContainer(id) {
    containers.delete(id);
}

/** The page refreshes: everybody is asked, and the containers are told how it went. */
async function refreshAll() {
    const outcome = outcomeOf([...handlers.values()]);
    containers.forEach((handler) => handler(outcome));
    return outcome;
}

async function outcomeOf(all) {
    const statuses = await Promise.all(all.map(attempt));
    const isComplete = statuses.every((status) => status === REFRESH_COMPLETE);
    return isComplete ? REFRESH_COMPLETE : REFRESH_COMPLETE_WITH_ERRORS;
}

async function attempt(handler) {
    try {
        return (await handler()) ?? REFRESH_COMPLETE;
    } catch {
        return REFRESH_ERROR;
    }
}

document.addEventListener(RefreshEventName, refreshAll);
