// GraphQL literals of plain values, for queries whose shape is only known when they are made.

class Word {
    constructor(text) {
        this.text = text;
    }
}

/** An enum value, which GraphQL writes without quotes. */
export const word = (text) => new Word(text);

/** The value as GraphQL writes it. */
export function literal(value) {
    if (value instanceof Word) {
        return value.text;
    }
    if (Array.isArray(value)) {
        return `[${value.map(literal).join(', ')}]`;
    }
    if (value !== null && typeof value === 'object') {
        const pairs = Object.entries(value).filter(([, each]) => each !== undefined);
        return `{${pairs.map(([name, each]) => `${name}: ${literal(each)}`).join(', ')}}`;
    }
    return JSON.stringify(value);
}
