import { fieldErrors, isHidden, reasons } from 'c/arErrors';

const REFUSED = {
    status: 400,
    body: {
        message: 'An error occurred while trying to update the record. Please try again.',
        output: {
            errors: [
                {
                    errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
                    message: 'insufficient access rights on object id'
                }
            ],
            fieldErrors: {
                Amount__c: [{ errorCode: 'REQUIRED_FIELD_MISSING', message: 'Enter an amount.' }]
            }
        }
    }
};

describe('c-ar-errors', () => {
    it('says in words what the platform refused, of the page and of fields', () => {
        expect(reasons(REFUSED)).toEqual([
            'You may not change this record. Ask its owner, or an administrator, for access.',
            'Enter an amount.'
        ]);
        expect(fieldErrors(REFUSED)).toEqual({ Amount__c: 'Enter an amount.' });
    });

    it('knows the other shapes', () => {
        expect(reasons({ body: [{ errorCode: 'X', message: 'of REST' }] })).toEqual(['of REST']);
        expect(reasons({ body: { message: 'of the UI API' } })).toEqual(['of the UI API']);
        expect(reasons({ errors: [{ message: 'of GraphQL' }] })).toEqual(['of GraphQL']);
        expect(reasons([{ message: 'of a wire' }])).toEqual(['of a wire']);
        expect(reasons(new Error('of code'))).toEqual(['of code']);
        expect(reasons('a text')).toEqual(['a text']);
        expect(reasons(new TypeError('Failed to fetch'))[0]).toMatch(/cannot be reached/);
        expect(reasons({ body: { message: 'Failed to fetch' } })[0]).toMatch(/cannot be reached/);
    });

    it('is never silent about an error, and silent without one', () => {
        expect(reasons({})).toEqual([
            'Something went wrong. Try again; if it stays, tell your administrator.'
        ]);
        expect(reasons(undefined)).toEqual([]);
        expect(fieldErrors(undefined)).toEqual({});
    });

    it('finds the fields of a refused mutation, however they are written', () => {
        const one = {
            message: 'Amount: data value too large',
            extensions: { fields: ['Amount__c'] }
        };
        const other = {
            message: 'no',
            extensions: { Fields: ['Note__c'], ErrorCode: 'ENTITY_IS_DELETED' }
        };
        expect(fieldErrors({ errors: [one, other] })).toEqual({
            Amount__c: 'Amount: data value too large',
            Note__c: 'This record is not there any more, or you may not see it. Refresh the page.'
        });
    });

    it('tells hidden objects from other errors', () => {
        const hidden = [
            {
                message:
                    "Validation error of type FieldUndefined: Field 'AR_Summary__c' in type 'RecordQuery' is undefined"
            }
        ];
        expect(isHidden(hidden)).toBe(true);
        expect(isHidden({ errors: hidden })).toBe(true);
        expect(isHidden([{ message: 'Server Unavailable' }])).toBe(false);
        expect(isHidden(undefined)).toBe(false);
    });
});
