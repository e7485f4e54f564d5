// What objects, fields and picklists are called and who may write them. These do not change while a page is open.
import { send } from 'platform/http';
import { wireAdapter } from 'platform/wire';

const asked = new Map();

function once(path) {
    if (!asked.has(path)) {
        const answer = send('GET', path);
        asked.set(path, answer);
        answer.catch(() => asked.delete(path));
    }
    return asked.get(path);
}

const nameOf = (object) => (typeof object === 'string' ? object : object?.objectApiName);

export const getObjectInfo = wireAdapter({
    ready: ({ objectApiName }) => Boolean(nameOf(objectApiName)),
    load: ({ objectApiName }) => once(`/ui-api/object-info/${nameOf(objectApiName)}`)
});

export const getObjectInfos = wireAdapter({
    ready: ({ objectApiNames }) => Boolean(objectApiNames?.length && objectApiNames.every(nameOf)),
    load: ({ objectApiNames }) =>
        once(`/ui-api/object-info/batch/${objectApiNames.map(nameOf).join(',')}`)
});

export const getPicklistValues = wireAdapter({
    ready: ({ recordTypeId, fieldApiName }) => Boolean(recordTypeId && fieldApiName),
    load: ({ recordTypeId, fieldApiName }) => {
        const [object, field] =
            typeof fieldApiName === 'string'
                ? fieldApiName.split('.')
                : [fieldApiName.objectApiName, fieldApiName.fieldApiName];
        return once(`/ui-api/object-info/${object}/picklist-values/${recordTypeId}/${field}`);
    }
});

export const getPicklistValuesByRecordType = wireAdapter({
    ready: ({ objectApiName, recordTypeId }) => Boolean(nameOf(objectApiName) && recordTypeId),
    load: ({ objectApiName, recordTypeId }) =>
        once(`/ui-api/object-info/${nameOf(objectApiName)}/picklist-values/${recordTypeId}`)
});
