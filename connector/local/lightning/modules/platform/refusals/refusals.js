// What the org refused, for a form: texts for the whole record, and by field.

/** {errors, fieldErrors} of the body of a failed write. */
export function refusals(body) {
    const { errors = [], fieldErrors = {} } = body?.output || {};
    const byField = Object.entries(fieldErrors).map(([name, all]) => [name, texts(all).join(' ')]);
    const told = texts(errors);
    return {
        fieldErrors: Object.fromEntries(byField),
        errors: told.length || byField.length ? told : [body?.message || 'Not saved.']
    };
}

function texts(all) {
    return all.map((each) => each.message);
}
