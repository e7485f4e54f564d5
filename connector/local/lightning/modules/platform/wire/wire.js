// What all the wire adapters here have in common: they wait for their required parameters, give their data frozen (the
// platform's cannot be changed either), say nothing twice, and read again when a record they show has changed.

const live = new Set();

/** Make data unchangeable, all the way down. */
export function frozen(data) {
    if (data && typeof data === 'object' && !Object.isFrozen(data)) {
        Object.values(data).forEach(frozen);
        Object.freeze(data);
    }
    return data;
}

/**
 * A wire adapter class. `ready(config)` says whether the parameters suffice, `load(config)` fetches, and
 * `records(data)` names the ids of the records in the data.
 */
export function wireAdapter({ ready, load, records = () => [] }) {
    return class {
        constructor(emit) {
            this.emit = emit;
            this.turn = 0;
            emit({ data: undefined, error: undefined });
        }

        connect() {
            live.add(this);
        }

        disconnect() {
            live.delete(this);
            this.turn += 1;
            this.key = undefined;
        }

        update(config) {
            const key = JSON.stringify(config);
            if (key !== this.key) {
                this.key = key;
                this.config = config;
                this.said = undefined;
                this.read();
            }
        }

        async read() {
            this.turn += 1;
            const { turn, config } = this;
            if (!config || !ready(config)) {
                return;
            }
            let result;
            try {
                result = { data: frozen(await load(config)), error: undefined };
            } catch (error) {
                result = { data: undefined, error: frozen(asFailure(error)) };
            }
            if (turn === this.turn) {
                this.say(result);
            }
        }

        say(result) {
            const said = JSON.stringify(result);
            if (said !== this.said) {
                this.said = said;
                this.ids = new Set(result.data ? records(result.data) : this.ids);
                this.emit(result);
            }
        }

        shows(id) {
            return this.ids?.has(id) || JSON.stringify(this.config).includes(id);
        }
    };
}

/** An error of ours (a wrong use) in the same shape as one of the org's. */
function asFailure(error) {
    if (!(error instanceof Error)) {
        return error;
    }
    return {
        ok: false,
        status: 400,
        statusText: 'Bad Request',
        body: { message: error.message, statusCode: 400 }
    };
}

/** Have everything that shows one of these records read again; done when it has. */
export function recordsChanged(ids) {
    const concerned = [...live].filter((adapter) => ids.some((id) => adapter.shows(id)));
    return Promise.all(concerned.map((adapter) => adapter.read()));
}
