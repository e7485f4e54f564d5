// The older module for GraphQL: the same queries, refreshed by a function that is given the result.
import { gql, graphql as current } from 'lightning/graphql';

const refreshes = new WeakMap();

export { gql };

export class graphql extends current {
    constructor(emit) {
        super(({ refresh, ...result }) => {
            refreshes.set(result, refresh);
            emit(result);
        });
    }
}

export function refreshGraphQL(result) {
    const refresh = refreshes.get(result);
    return refresh
        ? refresh()
        : Promise.reject(new TypeError('refreshGraphQL needs the result of a graphql wire.'));
}
