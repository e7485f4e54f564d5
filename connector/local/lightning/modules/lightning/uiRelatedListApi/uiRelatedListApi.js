// The records of a related list.
import { send } from 'platform/http';
import { wireAdapter } from 'platform/wire';

const OPTIONS = ['fields', 'optionalFields', 'sortBy', 'pageSize', 'pageToken', 'where'];

export const getRelatedListRecords = wireAdapter({
    ready: ({ parentRecordId, relatedListId, fields, optionalFields }) =>
        Boolean(parentRecordId && relatedListId && (fields || optionalFields)),
    load: ({ parentRecordId, relatedListId, ...config }) => {
        const unknown = Object.keys(config).find((name) => !OPTIONS.includes(name));
        if (unknown) {
            throw new Error(`getRelatedListRecords with ${unknown} is not in the local world.`);
        }
        return send(
            'POST',
            `/ui-api/related-list-records/${parentRecordId}/${relatedListId}`,
            config
        );
    },
    records: (data) => data.records.map((record) => record.id)
});
