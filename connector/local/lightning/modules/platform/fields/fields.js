// Fields of an object as pages show them: what to ask for, and each value as one cell (text, and where it leads).
import { addressOf } from 'platform/router';

// Figures stand below each other by their last digit.
const NUMBERS = new Set(['Currency', 'Double', 'Int', 'Percent']);
// What a value leads to besides records, by data type.
const HREFS = {
    Url: (value) =>
        value && { kind: 'web', href: /^https?:/i.test(value) ? value : `https://${value}` },
    Email: (value) => value && { kind: 'link', href: `mailto:${value}` },
    Phone: (value) => value && { kind: 'link', href: `tel:${value}` },
    TextArea: () => ({ kind: 'long' })
};

/** The records that a reference field may point to: [{apiName, nameField}]. */
function targets(field) {
    return (field.referenceToInfos || []).map((each) => ({
        apiName: each.apiName,
        nameField: nameFieldOf(each.nameFields)
    }));
}

/** People have three name fields, of which `Name` is the whole. */
export function nameFieldOf(nameFields) {
    return nameFields.includes('Name') ? 'Name' : nameFields[0];
}

const isReference = (field) => field.dataType === 'Reference' && Boolean(field.relationshipName);

/** For `optionalFields` of getRecord: the fields, with the names of the records they point to. */
export function recordFields(info, names) {
    return names
        .filter((name) => info.fields[name])
        .flatMap((name) => {
            const field = info.fields[name];
            const [target] = targets(field);
            const parent =
                isReference(field) && target
                    ? [`${info.apiName}.${field.relationshipName}.${nameOf(field)}`]
                    : [];
            return [`${info.apiName}.${name}`, ...parent];
        });
}

/** The name field that all the targets of a reference have; polymorphic ones have `Name`. */
function nameOf(field) {
    const [target, ...more] = targets(field);
    return more.length ? 'Name' : target.nameField;
}

/** The same for a GraphQL node. */
export function nodeFields(info, names) {
    return names
        .filter((name) => info.fields[name])
        .map((name) => {
            const field = info.fields[name];
            if (name === 'Id') {
                return '';
            }
            const parent = isReference(field)
                ? `${field.relationshipName} { ${targets(field).map(fragment).join(' ')} }`
                : '';
            return `${name} { value ${isReference(field) ? '' : 'displayValue'} } ${parent}`;
        })
        .join('\n');
}

function fragment({ apiName, nameField }) {
    return `... on ${apiName} { Id ${nameField} { value } }`;
}

/** A cell of a record that getRecord gave. */
export function recordCell(info, record, name) {
    const field = info.fields[name];
    const parent = isReference(field) ? record.fields[field.relationshipName] : undefined;
    const text =
        parent?.value && (parent.displayValue ?? parent.value.fields[nameOf(field)]?.value);
    return cell(
        field,
        record.fields[name],
        { text, object: parent?.value?.apiName },
        { info, id: record.id }
    );
}

/** A cell of a GraphQL node. */
export function nodeCell(info, node, name) {
    const field = info.fields[name];
    const parent = isReference(field) ? node[field.relationshipName] : undefined;
    const target = targets(field).find((each) => parent?.[each.nameField]);
    const shown = { text: target && parent[target.nameField].value, object: target?.apiName };
    return cell(field, node[name], shown, { info, id: node.Id });
}

function cell(field, given, parent, { info, id }) {
    const value = given?.value ?? null;
    const made = {
        name: field.apiName,
        label: labelOf(field),
        help: field.inlineHelpText,
        value,
        kind: 'text',
        css: NUMBERS.has(field.dataType) ? 'slds-text-align_right number' : undefined
    };
    if (field.dataType === 'Boolean') {
        return { ...made, kind: 'check', text: value ? 'Yes' : 'No' };
    }
    const text = given?.displayValue ?? (value === null ? '' : String(value));
    if (isReference(field)) {
        return {
            ...made,
            ...(value && parent.text ? link(parent.text, parent.object, value) : { text })
        };
    }
    if (field.apiName === nameFieldOf(info.nameFields)) {
        return { ...made, isName: true, ...link(text, info.apiName, id) };
    }
    return { ...made, text, ...HREFS[field.dataType]?.(value) };
}

/** What pages call a field: lookups by what they point to, `Owner ID` as `Owner`. */
export function labelOf({ label, dataType }) {
    return dataType === 'Reference' ? label.replace(/ ID$/, '') : label;
}

function link(text, object, id) {
    return { kind: 'link', text, href: recordAddress(object, id) };
}

/** The address of a record's page. */
export function recordAddress(objectApiName, recordId) {
    return addressOf({
        type: 'standard__recordPage',
        attributes: { objectApiName, recordId, actionName: 'view' }
    });
}

const ICONS = {
    Account: 'standard:account',
    Contact: 'standard:contact',
    Opportunity: 'standard:opportunity',
    Case: 'standard:case',
    Task: 'standard:task',
    User: 'standard:user'
};

/** The icon of an object: its own, its tab's, or the one for custom objects. */
export function iconOf(object, tabs) {
    return ICONS[object] || tabs[object]?.icon || 'standard:custom';
}
