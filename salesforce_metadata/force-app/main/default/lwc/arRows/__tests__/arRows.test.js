import { nextPage, row, rows } from 'c/arRows';

describe('c-ar-rows', () => {
    it('makes plain rows of a connection, with parents and children', () => {
        const connection = {
            edges: [
                {
                    node: {
                        Id: 'a01',
                        Balance__c: { value: 12.5, displayValue: '$12.50' },
                        Account__r: { Name: { value: 'Acme' }, Owner: { Name: { value: 'Ada' } } },
                        Tasks: { edges: [{ node: { Id: 't1', Status: { value: 'Open' } } }] },
                        Assigned_To__r: null
                    }
                }
            ]
        };
        expect(rows(connection)).toEqual([
            {
                Id: 'a01',
                Balance__c: 12.5,
                Account__r: { Name: 'Acme', Owner: { Name: 'Ada' } },
                Tasks: [{ Id: 't1', Status: 'Open' }],
                Assigned_To__r: null
            }
        ]);
    });

    it('has no rows where there is no connection', () => {
        expect(rows(undefined)).toEqual([]);
        expect(rows({ edges: null })).toEqual([]);
    });

    it('knows where the next page starts', () => {
        expect(nextPage({ pageInfo: { hasNextPage: true, endCursor: 'x' } })).toBe('x');
        expect(nextPage({ pageInfo: { hasNextPage: false, endCursor: 'x' } })).toBeNull();
        expect(nextPage(undefined)).toBeNull();
    });

    it('keeps a null value', () => {
        expect(row({ Due_On__c: { value: null, displayValue: null } })).toEqual({
            Due_On__c: null
        });
    });
});
