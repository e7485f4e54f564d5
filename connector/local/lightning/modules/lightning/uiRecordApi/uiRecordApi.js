// Records through the org's UI API. A change made here shows in every other component that shows the record, as Lightning
// Data Service does; GraphQL results keep what they had until their own refresh(), which is stricter than the platform.
import { query, send } from 'platform/http';
import { recordsChanged, wireAdapter, frozen } from 'platform/wire';

const REFUSED = ['layoutTypes', 'modes', 'updateMru'];

/** `Object.Field` of a string or of what `@salesforce/schema` gives. */
function fieldName(field) {
    if (typeof field === 'string') {
        return field;
    }
    if (field?.objectApiName && field.fieldApiName) {
        return `${field.objectApiName}.${field.fieldApiName}`;
    }
    throw new TypeError('A field is a string "Object.Field" or an import of @salesforce/schema.');
}

function fieldNames(fields) {
    return fields === undefined ? undefined : [].concat(fields).map(fieldName).join(',');
}

function parameters(config) {
    const refused = REFUSED.find((name) => config[name] !== undefined);
    if (refused) {
        throw new Error(`getRecord with ${refused} is not in the local world; name the fields.`);
    }
    return query({
        fields: fieldNames(config.fields),
        optionalFields: fieldNames(config.optionalFields)
    });
}

/** Ids of a record and of the parents in it. */
function idsIn(record) {
    const parents = Object.values(record.fields || {}).filter((field) => field.value?.fields);
    return [record.id, ...parents.flatMap((field) => idsIn(field.value))];
}

export const getRecord = wireAdapter({
    ready: ({ recordId, fields, optionalFields, layoutTypes }) =>
        Boolean(recordId && (fields || optionalFields || layoutTypes)),
    load: (config) => send('GET', `/ui-api/records/${config.recordId}${parameters(config)}`),
    records: idsIn
});

export const getRecords = wireAdapter({
    ready: ({ records }) =>
        Boolean(records?.length && records.every((each) => each.recordIds?.length)),
    load: loadRecords,
    records: ({ results }) =>
        results.flatMap((each) => (each.statusCode === 200 ? idsIn(each.result) : []))
});

async function loadRecords({ records }) {
    const answers = await Promise.all(
        records.map((each) =>
            send('GET', `/ui-api/records/batch/${each.recordIds.join(',')}${parameters(each)}`)
        )
    );
    return {
        hasErrors: answers.some((each) => each.hasErrors),
        results: answers.flatMap((each) => each.results)
    };
}

export async function createRecord({ apiName, fields, ...other }) {
    refuse('createRecord', other);
    return frozen(await send('POST', '/ui-api/records', { apiName, fields }));
}

export async function updateRecord(
    { fields: { Id, ...fields } = {}, ...other },
    { ifUnmodifiedSince } = {}
) {
    refuse('updateRecord', other);
    if (!Id) {
        throw new TypeError('updateRecord needs the Id among the fields.');
    }
    const headers = ifUnmodifiedSince ? { 'If-Unmodified-Since': ifUnmodifiedSince } : {};
    const record = await send('PATCH', `/ui-api/records/${Id}`, { fields }, headers);
    recordsChanged([Id]);
    return frozen(record);
}

export async function deleteRecord(recordId) {
    await send('DELETE', `/ui-api/records/${recordId}`);
    recordsChanged([recordId]);
}

function refuse(name, given) {
    const [unknown] = Object.keys(given).filter((each) => each !== 'apiName');
    if (unknown) {
        throw new Error(`${name} with ${unknown} is not in the local world.`);
    }
}

/** Records that something else changed. */
export async function notifyRecordUpdateAvailable(records) {
    await recordsChanged(records.map((each) => each.recordId));
}

/** The older name of the same. */
export function getRecordNotifyChange(records) {
    notifyRecordUpdateAvailable(records);
}

/** The field's entry in a record: {value, displayValue}, or undefined. */
function entry(record, field) {
    const [first, ...rest] = fieldName(field).split('.').slice(1);
    let found = record?.fields?.[first];
    for (const step of rest) {
        found = found?.value?.fields?.[step];
    }
    return found;
}

export function getFieldValue(record, field) {
    return entry(record, field)?.value;
}

export function getFieldDisplayValue(record, field) {
    return entry(record, field)?.displayValue;
}

export function generateRecordInputForCreate(record, objectInfo) {
    return { apiName: record.apiName, fields: own(record, objectInfo, 'createable') };
}

export function generateRecordInputForUpdate(record, objectInfo) {
    return { fields: { ...own(record, objectInfo, 'updateable'), Id: record.id } };
}

function own(record, objectInfo, right) {
    const allowed = ([name, field]) =>
        !field.value?.fields && objectInfo?.fields[name]?.[right] !== false;
    const pairs = Object.entries(record.fields).filter(allowed);
    return Object.fromEntries(pairs.map(([name, field]) => [name, field.value]));
}
