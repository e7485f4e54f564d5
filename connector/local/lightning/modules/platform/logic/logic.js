// The logic of a list view's numbered filters, `1 AND (2 OR 3)`, as nested GraphQL conditions. OR binds weaker than AND.

/** The parts, joined as the logic says. */
export function combine(logic, parts) {
    const tokens = logic.toUpperCase().match(/\d+|AND|OR|NOT|[()]/g);
    return either({ tokens, parts });
}

function either(read) {
    return chain(read, 'OR', both);
}

function both(read) {
    return chain(read, 'AND', single);
}

function chain(read, token, next) {
    const found = [next(read)];
    while (read.tokens[0] === token) {
        read.tokens.shift();
        found.push(next(read));
    }
    return found.length > 1 ? { [token.toLowerCase()]: found } : found[0];
}

function single(read) {
    const token = read.tokens.shift();
    if (token === 'NOT') {
        return { not: single(read) };
    }
    if (token !== '(') {
        return read.parts[Number(token) - 1];
    }
    const inner = either(read);
    read.tokens.shift(); // the closing bracket
    return inner;
}
