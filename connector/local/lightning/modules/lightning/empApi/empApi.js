// Streaming events: an org's pages have them, the local world does not.

function absent() {
    return Promise.reject(
        new Error('lightning/empApi is not in the local world: it has no streaming events.')
    );
}

export const subscribe = absent;
export const unsubscribe = absent;
export const onError = absent;
export const setDebugFlag = absent;

export async function isEmpEnabled() {
    return false;
}
