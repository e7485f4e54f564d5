// A browser just large enough for the modules under test: window, document, and an org that answers what it is told to.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);

const location = { pathname: '/lightning/page/home', search: '', origin: 'http://org' };
globalThis.document = new EventTarget();
globalThis.window = Object.assign(new EventTarget(), {
    location,
    history: {
        pushState: (_, __, address) => goTo(address),
        replaceState: (_, __, address) => goTo(address)
    },
    open: () => {}
});

function goTo(address) {
    const url = new URL(address, 'http://org');
    Object.assign(location, { pathname: url.pathname, search: url.search });
}

/** Requests made so far, and what is answered: [status, body] by "METHOD path". */
export const asked = [];
export const answers = new Map();

globalThis.fetch = async (path, { method, body, headers }) => {
    const name = `${method} ${path.replace('/services/data/v66.0', '')}`;
    asked.push({ name, body: body && JSON.parse(body), token: headers.Authorization });
    const given = answers.get(name);
    const [status, answer] =
        typeof given === 'function' ? given() : given || [404, [{ errorCode: 'NOT_FOUND' }]];
    const text = answer === undefined ? '' : JSON.stringify(answer);
    return { ok: status < 400, status, statusText: String(status), text: async () => text };
};

/** A component with this adapter wired to that configuration; `said` is all it was given. */
export function wired(Adapter, config) {
    const said = [];
    const adapter = new Adapter((value) => said.push(value));
    adapter.connect();
    adapter.update(config);
    return { adapter, said, last: () => said.at(-1) };
}

/** Let everything that is under way come to its end. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
