// Lets Node import our stand-ins of the platform's modules by their names. What only a page or a build has is replaced.

const MODULES = new URL('../../../connector/local/lightning/modules/', import.meta.url);
const REPLACED = {
    'platform/session': `export const session = { token: 'first', user: {} };
        export const renew = async () => { session.token = 'second'; };`,
    'platform/package': 'export const declared = { actions: {}, tabs: {} };'
};

export async function resolve(specifier, context, next) {
    if (specifier in REPLACED) {
        return {
            url: `data:text/javascript,${encodeURIComponent(REPLACED[specifier])}`,
            shortCircuit: true
        };
    }
    const [namespace, name] = specifier.split('/');
    if (namespace === 'platform' || namespace === 'lightning') {
        const url = new URL(`${namespace}/${name}/${name}.js`, MODULES).href;
        return { url, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
}
