// Addresses of the pages, to and from page references. `navigate` changes the page without loading it anew.

const listeners = new Set();
const ROUTES = [
    [/^\/r\/([^/]+)\/([^/]+)\/related\/([^/]+)\/view$/, relatedPage],
    [/^\/r\/([^/]+)\/([^/]+)\/([^/]+)$/, recordPage],
    [/^\/o\/([^/]+)\/(\w+)$/, objectPage],
    [/^\/n\/([^/]+)$/, (apiName) => ({ type: 'standard__navItemPage', attributes: { apiName } })],
    [/^\/page\/(\w+)$/, (pageName) => ({ type: 'standard__namedPage', attributes: { pageName } })],
    [
        /^\/cmp\/(\w+)$/,
        (componentName) => ({ type: 'standard__component', attributes: { componentName } })
    ]
];
const BASE = '/lightning';

function relatedPage(objectApiName, recordId, relationshipApiName) {
    const attributes = { objectApiName, recordId, relationshipApiName, actionName: 'view' };
    return { type: 'standard__recordRelationshipPage', attributes };
}

function recordPage(objectApiName, recordId, actionName) {
    return { type: 'standard__recordPage', attributes: { objectApiName, recordId, actionName } };
}

function objectPage(objectApiName, actionName) {
    return { type: 'standard__objectPage', attributes: { objectApiName, actionName } };
}

/** The page reference of an address, or undefined where there is no such page. */
export function pageAt({ pathname, search }) {
    const path = pathname.slice(BASE.length).replace(/\/$/, '') || '/page/home';
    for (const [pattern, make] of ROUTES) {
        const found = pattern.exec(path);
        if (found) {
            const state = Object.fromEntries(new URLSearchParams(search));
            return { ...make(...found.slice(1).map(decodeURIComponent)), state };
        }
    }
    return undefined;
}

const PATHS = {
    standard__recordPage: ({ objectApiName, recordId, actionName }) =>
        `/r/${objectApiName || 'sObject'}/${recordId}/${actionName || 'view'}`,
    standard__recordRelationshipPage: ({ objectApiName, recordId, relationshipApiName }) =>
        `/r/${objectApiName}/${recordId}/related/${relationshipApiName}/view`,
    standard__objectPage: ({ objectApiName, actionName }) =>
        `/o/${objectApiName}/${actionName || 'list'}`,
    standard__navItemPage: ({ apiName }) => `/n/${apiName}`,
    standard__namedPage: ({ pageName }) => `/page/${pageName}`,
    standard__component: ({ componentName }) => `/cmp/${componentName}`
};

/** The address of a page. Throws where the local world has no such page. */
export function addressOf(page) {
    if (page?.type === 'standard__webPage') {
        return page.attributes.url;
    }
    if (page?.type === 'standard__app' && page.attributes.pageRef) {
        return addressOf(page.attributes.pageRef);
    }
    const path = PATHS[page?.type];
    if (!path) {
        throw new Error(`The local world has no page of type ${page?.type}.`);
    }
    const state = new URLSearchParams(page.state || {}).toString();
    return BASE + path(page.attributes || {}) + (state ? `?${state}` : '');
}

/** Go to a page; a web page opens beside this one. */
export function navigate(page, replace = false) {
    const address = addressOf(page);
    if (page.type === 'standard__webPage' && !address.startsWith(BASE)) {
        window.open(address, '_blank', 'noopener');
        return;
    }
    window.history[replace ? 'replaceState' : 'pushState']({}, '', address);
    announce();
}

/** Call back with the page reference now and after every change. Returns what ends that. */
export function onPage(listener) {
    listeners.add(listener);
    listener(currentPage());
    return () => listeners.delete(listener);
}

/** The page reference of the page that is shown. */
export function currentPage() {
    return pageAt(window.location);
}

function announce() {
    listeners.forEach((listener) => listener(currentPage()));
}

/** Follow a click on a link to one of our pages without loading anew; other links are left to the browser. */
export function followLink(event) {
    const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (
        !link?.href ||
        !plain ||
        event.defaultPrevented ||
        (link.target && link.target !== '_self')
    ) {
        return;
    }
    const url = new URL(link.href);
    if (url.hash && url.pathname === window.location.pathname) {
        return;
    }
    const page =
        url.origin === window.location.origin && url.pathname.startsWith(`${BASE}/`) && pageAt(url);
    if (page) {
        event.preventDefault();
        navigate(page);
    }
}

window.addEventListener('popstate', announce);
