// A list view's filters, joined by AND or as its logic (`1 AND (2 OR 3)`) says, as a GraphQL condition.
import { word } from 'platform/literal';
import { combine } from 'platform/logic';

const OPERATORS = {
    equals: 'eq',
    notEqual: 'ne',
    lessThan: 'lt',
    lessOrEqual: 'lte',
    greaterThan: 'gt',
    greaterOrEqual: 'gte',
    contains: 'like',
    startsWith: 'like'
};
const SEVERAL = { eq: 'in', ne: 'nin' };
const NUMBERS = new Set(['Currency', 'Double', 'Int', 'Percent']);

/** The condition, with what else must hold; undefined where there is none. */
export function whereOf(list, fields, also) {
    const parts = list.filters.map(
        (filter) => fields[filter.field] && part(filter, fields[filter.field])
    );
    const seen = parts.filter(Boolean); // a filter on a field that the user may not see falls away
    const joined = list.logic && seen.length === parts.length ? [combine(list.logic, parts)] : seen;
    const all = also ? [...joined, also] : joined;
    return all.length ? { and: all } : undefined;
}

function part({ field, operation, value }, { dataType }) {
    const operator = OPERATORS[operation];
    if (!operator) {
        throw new Error(`The local world does not know the filter operation ${operation}.`);
    }
    if (operation === 'contains' || operation === 'startsWith') {
        return { [field]: { like: operation === 'contains' ? `%${value}%` : `${value}%` } };
    }
    return { [field]: condition(operator, value, dataType) };
}

function condition(operator, text, dataType) {
    if (text === '') {
        return { [operator]: null };
    }
    if (dataType === 'Boolean') {
        return { [operator]: text === '1' || text === 'true' };
    }
    if (NUMBERS.has(dataType)) {
        return { [operator]: Number(text) };
    }
    if (dataType === 'Date' || dataType === 'DateTime') {
        return { [operator]: day(text) };
    }
    const values = text.split(',').map((each) => each.trim());
    return values.length > 1 ? { [SEVERAL[operator]]: values } : { [operator]: text };
}

/** THIS_WEEK, LAST_N_DAYS:30, or a date. */
function day(text) {
    const [name, number] = text.split(':');
    if (number) {
        return { range: { [name.toLowerCase()]: Number(number) } };
    }
    return /^[A-Z_]+$/.test(name) ? { literal: word(name) } : { value: text };
}
