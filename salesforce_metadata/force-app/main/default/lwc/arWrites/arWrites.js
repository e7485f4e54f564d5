/**
 * Several records written as one: all of them, or none of them.
 *
 * `createRecord` and `updateRecord` write one record each, so that the second of two may be refused when the first is
 * already there. A GraphQL mutation takes many, and rolls all of them back if one is refused.
 */
import { executeMutation, gql } from 'lightning/graphql';

/**
 * How many records one mutation writes. No limit is documented; Salesforce runs mutations as composite graphs, and orgs
 * were seen to refuse more than 75 operations.
 */
export const AT_ONCE = 50;

/**
 * Write records together.
 *
 * @param {({object: string, create: object}|{object: string, id: string, update: object})[]} operations
 * @returns {Promise<string[]>} their ids, in the same order
 * @throws {{errors: {message: string, index: number, errorCode: string, fields: string[]}[]}} what was refused;
 *     `index` says which operation, where that is known
 */
export async function writeTogether(operations) {
    const { text, variables } = mutation(operations);
    const { data, errors } = await executeMutation({
        query: gql`
            ${text}
        `,
        variables
    });
    if (errors?.length) {
        throw Object.assign(new Error(errors[0].message), { errors: told(errors) });
    }
    return operations.map((operation, index) => data.uiapi[alias(index)]?.Record?.Id);
}

/**
 * Lists that belong together, packed into as few rounds as hold `limit` records each; no list is torn apart.
 *
 * @param {object[][]} lists
 * @returns {object[][]}
 */
export function packed(lists, limit = AT_ONCE) {
    const rounds = [];
    for (const list of lists) {
        const last = rounds.at(-1);
        if (last && last.length + list.length <= limit) {
            last.push(...list);
        } else {
            rounds.push([...list]);
        }
    }
    return rounds;
}

/** The mutation as text; every value travels as a variable, so that nothing somebody typed can become a part of it. */
function mutation(operations) {
    const parts = operations.map(part);
    const declared = parts.map(({ name, type }) => `$${name}: ${type}!`).join(', ');
    const calls = parts.map(
        ({ name, call }) => `${name}: ${call}(input: $${name}) { Record { Id } }`
    );
    return {
        text: `mutation WriteTogether(${declared}) { uiapi(input: { allOrNone: true }) { ${calls.join(' ')} } }`,
        variables: Object.fromEntries(parts.map(({ name, input }) => [name, input]))
    };
}

function part({ object, create, id, update }, index) {
    const verb = create ? 'Create' : 'Update';
    return {
        name: alias(index),
        call: `${object}${verb}`,
        type: `${object}${verb}Input`,
        input: create ? { [object]: create } : { Id: id, [object]: update }
    };
}

function alias(index) {
    return `r${index}`;
}

/** What was really refused: the others only say that they were rolled back with it. */
function told(errors) {
    const placed = errors.map((error) => ({ ...error, index: indexOf(error) }));
    const causes = placed.filter(({ message }) => !/rolled back/i.test(message ?? ''));
    return causes.length ? causes : placed;
}

/** Salesforce writes `paths` in some answers, where GraphQL says `path`. */
function indexOf(error) {
    const steps = [error.path ?? error.paths ?? []].flat();
    const found = steps.map((step) => /^r(\d+)$/.exec(step)?.[1]).find(Boolean);
    return found === undefined ? undefined : Number(found);
}
