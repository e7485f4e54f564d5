// GraphQL over the org's UI API. A result stays as it is until its refresh() is called: the platform also takes over
// changes that Lightning Data Service knows of, but says itself that only refresh() evaluates the query anew.
import { send } from 'platform/http';
import { frozen } from 'platform/wire';

/** A query document; other documents may be put into it. */
export function gql(parts, ...values) {
    const text = parts.reduce(
        (made, part, number) => `${made}${textOf(values[number - 1])}${part}`
    );
    return Object.freeze({ text });
}

function textOf(value) {
    return value?.text ?? String(value);
}

/** Ask; {data, errors} whatever happens. */
export async function execute({ query, variables, operationName }) {
    if (typeof query?.text !== 'string') {
        throw new TypeError('The query must be made with gql.');
    }
    try {
        const answer = await send('POST', '/graphql', {
            query: query.text,
            variables,
            operationName
        });
        const errors = answer.errors?.length ? answer.errors : undefined;
        return frozen({ data: answer.data ?? undefined, errors });
    } catch (failure) {
        return frozen({ data: undefined, errors: asErrors(failure) });
    }
}

function asErrors(failure) {
    if (failure instanceof Error) {
        throw failure;
    }
    const told = [].concat(failure.body ?? []);
    const status = { statusCode: failure.status };
    return told.map(({ message, errorCode }) => ({
        message,
        extensions: { ...status, errorCode }
    }));
}

/** A mutation: resolves with {data, errors}. */
export async function executeMutation(given) {
    if (!/^\s*(#.*\s*)*(mutation|fragment)\b/.test(given?.query?.text || '')) {
        throw new TypeError('executeMutation needs a document with a mutation.');
    }
    return execute(given);
}

export class graphql {
    constructor(emit) {
        this.emit = emit;
        this.turn = 0;
        this.refresh = () => this.read();
        emit({ data: undefined, errors: undefined });
    }

    connect() {
        this.connected = true;
    }

    disconnect() {
        this.connected = false;
        this.key = undefined;
    }

    update(config) {
        const key = JSON.stringify(config);
        if (config.query && key !== this.key) {
            this.key = key;
            this.config = config;
            this.read();
        }
    }

    async read() {
        this.turn += 1;
        const turn = this.turn;
        const result = await execute(this.config);
        if (turn === this.turn && this.connected) {
            this.emit({ ...result, refresh: this.refresh });
        }
    }
}
