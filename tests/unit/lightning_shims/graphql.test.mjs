import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { answers, asked, settled, wired } from './setup.mjs';

const { execute, executeMutation, gql, graphql } = await import('lightning/graphql');

const query = gql`
    query a {
        uiapi
    }
`;
const answer = (number) => [200, { data: { number }, errors: [] }];

beforeEach(() => {
    asked.length = 0;
    answers.clear();
    answers.set('POST /graphql', answer(1));
});

test('data comes with a refresh, and stays until it is called', async () => {
    const wire = wired(graphql, { query, variables: { id: 'a' } });
    await settled();
    assert.deepEqual(wire.last().data, { number: 1 });
    assert.equal(wire.last().errors, undefined);
    answers.set('POST /graphql', answer(2));
    wire.adapter.update({ query, variables: { id: 'a' } });
    await settled();
    assert.equal(asked.length, 1);
    await wire.last().refresh();
    assert.deepEqual(wire.last().data, { number: 2 });
});

test('new variables ask anew, and an older answer does not overtake a newer one', async () => {
    const wire = wired(graphql, { query, variables: { id: 'a' } });
    answers.set('POST /graphql', answer(2));
    wire.adapter.update({ query, variables: { id: 'b' } });
    await settled();
    assert.deepEqual(
        wire.said.map((each) => each.data?.number),
        [undefined, 2]
    );
});

test('errors of the answer and of the way are told alike', async () => {
    answers.set('POST /graphql', [200, { data: null, errors: [{ message: 'no such field' }] }]);
    const wire = wired(graphql, { query });
    await settled();
    assert.equal(wire.last().errors[0].message, 'no such field');
    answers.set('POST /graphql', [
        503,
        [{ message: 'Server Unavailable', errorCode: 'SERVER_UNAVAILABLE' }]
    ]);
    await wire.last().refresh();
    assert.equal(wire.last().errors[0].message, 'Server Unavailable');
    assert.equal(wire.last().data, undefined);
});

test('documents can be put together, and only documents can be asked', async () => {
    assert.equal(gql`{ a ${gql`b`} }`.text, '{ a b }');
    await assert.rejects(execute({ query: '{ a }' }), /made with gql/);
    await assert.rejects(executeMutation({ query }), /with a mutation/);
});

test('a mutation gives data and errors', async () => {
    const mutation = gql`
        mutation m($input: X) {
            uiapi
        }
    `;
    const { data, errors } = await executeMutation({ query: mutation, variables: { input: 1 } });
    assert.deepEqual(data, { number: 1 });
    assert.equal(errors, undefined);
    assert.deepEqual(asked[0].body.variables, { input: 1 });
});
