import { executeMutation } from 'lightning/graphql';
import { packed, writeTogether } from 'c/arWrites';

const OPERATIONS = [
    { object: 'AR_Dispute__c', create: { Reason__c: 'said "no" } {' } },
    { object: 'Task', id: '00T1', update: { Status: 'In Progress' } }
];

describe('c-ar-writes', () => {
    afterEach(() => jest.clearAllMocks());

    it('writes all in one mutation, values as variables', async () => {
        executeMutation.mockResolvedValueOnce({
            data: { uiapi: { r0: { Record: { Id: 'a1' } }, r1: { Record: { Id: '00T1' } } } }
        });
        expect(await writeTogether(OPERATIONS)).toEqual(['a1', '00T1']);
        const { query, variables } = executeMutation.mock.calls[0][0];
        expect(query.trim()).toBe(
            'mutation WriteTogether($r0: AR_Dispute__cCreateInput!, $r1: TaskUpdateInput!) ' +
                '{ uiapi(input: { allOrNone: true }) { ' +
                'r0: AR_Dispute__cCreate(input: $r0) { Record { Id } } ' +
                'r1: TaskUpdate(input: $r1) { Record { Id } } } }'
        );
        expect(variables).toEqual({
            r0: { AR_Dispute__c: { Reason__c: 'said "no" } {' } },
            r1: { Id: '00T1', Task: { Status: 'In Progress' } }
        });
    });

    it('says which one was refused and where, and nothing of those rolled back with it', async () => {
        const rolledBack = {
            message: 'The transaction was rolled back since another operation failed.',
            paths: ['uiapi', 'r0']
        };
        const cause = {
            message: 'Enter a reason.',
            paths: ['uiapi', 'r1'],
            extensions: { ErrorCode: 'REQUIRED_FIELD_MISSING', Fields: ['Reason__c'] }
        };
        executeMutation.mockResolvedValueOnce({ errors: [rolledBack, cause] });
        await expect(writeTogether(OPERATIONS)).rejects.toMatchObject({
            errors: [
                {
                    message: 'Enter a reason.',
                    index: 1,
                    extensions: { ErrorCode: 'REQUIRED_FIELD_MISSING', Fields: ['Reason__c'] }
                }
            ]
        });
    });

    it('passes on an error that belongs to none, and one of the network', async () => {
        executeMutation.mockResolvedValueOnce({ errors: [{ message: 'Server busy' }] });
        await expect(writeTogether(OPERATIONS)).rejects.toMatchObject({
            errors: [{ message: 'Server busy', index: undefined }]
        });
        executeMutation.mockRejectedValueOnce(new TypeError('Failed to fetch'));
        await expect(writeTogether(OPERATIONS)).rejects.toThrow('Failed to fetch');
    });

    it('packs rounds without tearing apart what belongs together', () => {
        const lists = [[1, 2], [3], [4, 5], [6]];
        expect(packed(lists, 3)).toEqual([
            [1, 2, 3],
            [4, 5, 6]
        ]);
        expect(packed([[1, 2, 3, 4], [5]], 3)).toEqual([[1, 2, 3, 4], [5]]);
        expect(packed([], 3)).toEqual([]);
    });
});
