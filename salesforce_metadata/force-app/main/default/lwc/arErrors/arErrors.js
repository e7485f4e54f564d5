/**
 * What went wrong, in the words of the person whom it hinders.
 *
 * The platform answers in several shapes: `body.output` of the UI API (with errors of the page and of single fields),
 * `body` as a list (REST), `errors` of GraphQL, or an Error. Here is the one place that knows them.
 */
import LABEL_ACCESS from '@salesforce/label/c.AR_Error_Access';
import LABEL_CHANGED from '@salesforce/label/c.AR_Error_Changed';
import LABEL_GONE from '@salesforce/label/c.AR_Error_Gone';
import LABEL_NO_FIELD from '@salesforce/label/c.AR_Error_No_Field';
import LABEL_OFFLINE from '@salesforce/label/c.AR_Error_Offline';
import LABEL_UNKNOWN from '@salesforce/label/c.AR_Error_Unknown';

/** Codes of https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm */
const WORDS = {
    INSUFFICIENT_ACCESS: LABEL_ACCESS,
    INSUFFICIENT_ACCESS_OR_READONLY: LABEL_ACCESS,
    INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: LABEL_ACCESS,
    CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: undefined,
    INVALID_FIELD_FOR_INSERT_UPDATE: LABEL_NO_FIELD,
    ENTITY_IS_DELETED: LABEL_GONE,
    NOT_FOUND: LABEL_GONE,
    CONFLICT: LABEL_CHANGED,
    PRECONDITION_FAILED: LABEL_CHANGED
};
const OFFLINE = /failed to fetch|networkerror|network request failed|load failed/i; // as browsers word it
const HIDDEN =
    /FieldUndefined|Cannot query field|is undefined|does not exist|doesn't exist|not supported/i;

/**
 * The texts of an error, most telling first; never empty for an error.
 *
 * @param {*} error what a promise was rejected with, `error` of a wire, or `errors` of GraphQL
 * @returns {string[]}
 */
export function reasons(error) {
    const told = [...new Set(listed(error).map(inWords).filter(Boolean))];
    return told.length || !error ? told : [LABEL_UNKNOWN];
}

/**
 * Errors of single fields, by API name, in the platform's words or ours.
 *
 * @returns {Object<string, string>}
 */
export function fieldErrors(error) {
    const found = {};
    for (const [field, errors] of Object.entries(error?.body?.output?.fieldErrors ?? {})) {
        found[field] = errors.map(inWords).filter(Boolean).join(' ') || LABEL_UNKNOWN;
    }
    for (const one of graphqlErrors(error)) {
        for (const field of one.fields ?? detail(one, 'fields') ?? []) {
            found[field] = inWords(one);
        }
    }
    return found;
}

/** Whether the answer says that this person may not see the objects or fields asked for. */
export function isHidden(error) {
    const ofQuery = graphqlErrors(error).some(
        (one) =>
            HIDDEN.test(one.message ?? '') ||
            HIDDEN.test(one.extensions?.ErrorType ?? one.errorType ?? '')
    );
    const code = error?.body?.errorCode ?? error?.body?.[0]?.errorCode;
    return ofQuery || code === 'INVALID_TYPE' || code === 'INSUFFICIENT_ACCESS';
}

function listed(error) {
    if (!error) {
        return [];
    }
    const output = error.body?.output;
    if (output) {
        const ofFields = Object.values(output.fieldErrors ?? {}).flat();
        const found = [...(output.errors ?? []), ...ofFields];
        return found.length ? found : [error.body];
    }
    if (Array.isArray(error.body)) {
        return error.body;
    }
    const ofQuery = graphqlErrors(error);
    if (ofQuery.length) {
        return ofQuery;
    }
    return [error.body ?? error];
}

function graphqlErrors(error) {
    if (Array.isArray(error)) {
        return error;
    }
    return Array.isArray(error?.errors) ? error.errors : [];
}

function inWords(one) {
    if (typeof one === 'string') {
        return one;
    }
    if (OFFLINE.test(one.message ?? '')) {
        return LABEL_OFFLINE;
    }
    const code = one.errorCode ?? one.statusCode ?? detail(one, 'errorCode');
    return WORDS[code] ?? one.message ?? LABEL_UNKNOWN;
}

/** A detail of a GraphQL error, which some answers write with a capital: `errorCode`, `ErrorCode`. */
function detail(one, name) {
    const capital = name[0].toUpperCase() + name.slice(1);
    return one.extensions?.[name] ?? one.extensions?.[capital];
}
