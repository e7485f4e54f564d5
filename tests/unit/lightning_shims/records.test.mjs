import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { answers, asked, settled, wired } from './setup.mjs';

const {
    getRecord,
    updateRecord,
    deleteRecord,
    getFieldValue,
    getFieldDisplayValue,
    notifyRecordUpdateAvailable
} = await import('lightning/uiRecordApi');

const NAME = { objectApiName: 'Account', fieldApiName: 'Name' };
const PATH = '/ui-api/records/001A?fields=Account.Name';
const account = (name, owner) => ({
    id: '001A',
    apiName: 'Account',
    fields: {
        Name: { value: name, displayValue: null },
        Owner: { value: { id: '005X', fields: { Name: { value: owner } } }, displayValue: owner }
    }
});

beforeEach(() => {
    asked.length = 0;
    answers.clear();
    answers.set(`GET ${PATH}`, [200, account('Ember', 'Ada')]);
});

test('a record is given once its parameters are there, and cannot be changed', async () => {
    const wire = wired(getRecord, { recordId: undefined, fields: [NAME] });
    await settled();
    assert.deepEqual(wire.said, [{ data: undefined, error: undefined }]);
    wire.adapter.update({ recordId: '001A', fields: [NAME] });
    await settled();
    assert.equal(getFieldValue(wire.last().data, NAME), 'Ember');
    assert.throws(() => {
        wire.last().data.fields.Name.value = 'x';
    }, TypeError);
});

test('a change shows wherever the record is shown, also as a parent', async () => {
    const shown = wired(getRecord, { recordId: '001A', fields: [NAME] });
    await settled();
    answers.set('PATCH /ui-api/records/005X', [200, { id: '005X', fields: {} }]);
    answers.set(`GET ${PATH}`, [200, account('Ember', 'Ben')]);
    await updateRecord({ fields: { Id: '005X', FirstName: 'Ben' } });
    await settled();
    assert.equal(getFieldDisplayValue(shown.last().data, 'Account.Owner'), 'Ben');
    assert.equal(getFieldValue(shown.last().data, 'Account.Owner.Name'), 'Ben');
});

test('what has not changed is not said again', async () => {
    const shown = wired(getRecord, { recordId: '001A', fields: [NAME] });
    await settled();
    await notifyRecordUpdateAvailable([{ recordId: '001A' }]);
    assert.equal(shown.said.length, 2);
});

test('after it is gone a component hears nothing', async () => {
    const shown = wired(getRecord, { recordId: '001A', fields: [NAME] });
    shown.adapter.disconnect();
    await settled();
    assert.equal(shown.said.length, 1);
});

test('a refused write carries the refusals by field', async () => {
    const body = { statusCode: 400, output: { fieldErrors: { Name: [{ message: 'too long' }] } } };
    answers.set('PATCH /ui-api/records/001A', [400, body]);
    await assert.rejects(updateRecord({ fields: { Id: '001A', Name: 'x' } }), (error) => {
        assert.equal(error.status, 400);
        assert.equal(error.body.output.fieldErrors.Name[0].message, 'too long');
        return true;
    });
});

test('a session that has ended is begun anew', async () => {
    let first = true;
    answers.set('DELETE /ui-api/records/001A', () => {
        const answer = first ? [401, [{ errorCode: 'INVALID_SESSION_ID' }]] : [204, undefined];
        first = false;
        return answer;
    });
    await deleteRecord('001A');
    assert.deepEqual(
        asked.slice(0, 2).map((request) => request.token),
        ['Bearer first', 'Bearer second']
    );
});

test('a record that is not there is an error in the wire', async () => {
    answers.clear();
    const shown = wired(getRecord, { recordId: '001A', fields: [NAME] });
    await settled();
    assert.equal(shown.last().error.status, 404);
    assert.equal(shown.last().data, undefined);
});

test('what the local world does not have is refused by name', async () => {
    const shown = wired(getRecord, { recordId: '001A', layoutTypes: ['Full'] });
    await settled();
    assert.match(shown.last().error.body.message, /layoutTypes is not in the local world/);
});
