// HTTP to the org's own APIs with the session's token. What fails is thrown in the shape in which the platform hands
// errors to components: {ok, status, statusText, body}.
import { renew, session } from 'platform/session';

const API = '/services/data/v66.0';

/** Send and return the decoded answer. `body` is sent as JSON. */
export async function send(method, path, body, headers = {}) {
    let answer = await attempt(method, path, body, headers);
    if (answer.status === 401) {
        await renew();
        answer = await attempt(method, path, body, headers);
    }
    const decoded = await decode(answer);
    if (!answer.ok) {
        throw failure(answer, decoded);
    }
    return decoded;
}

async function attempt(method, path, body, headers) {
    try {
        return await fetch(API + path, {
            method,
            headers: {
                Authorization: `Bearer ${session.token}`,
                ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
                ...headers
            },
            body: body === undefined ? undefined : JSON.stringify(body)
        });
    } catch (error) {
        // unverified: how the platform reports an org that cannot be reached
        throw failure(
            { status: 503, statusText: 'Service Unavailable' },
            { message: error.message, statusCode: 503 }
        );
    }
}

async function decode(answer) {
    const text = await answer.text();
    if (!text) {
        return undefined;
    }
    try {
        return JSON.parse(text);
    } catch {
        return { message: text, statusCode: answer.status };
    }
}

function failure({ status, statusText }, body) {
    return { ok: false, status, statusText, headers: {}, errorType: 'fetchResponse', body };
}

/** `?a=1&b=2` of the parameters that have a value; lists are joined by commas. */
export function query(parameters) {
    const given = Object.entries(parameters).filter(
        ([, value]) => value !== undefined && String(value) !== ''
    );
    const text = new URLSearchParams(
        given.map(([name, value]) => [name, String(value)])
    ).toString();
    return text ? `?${text}` : '';
}
