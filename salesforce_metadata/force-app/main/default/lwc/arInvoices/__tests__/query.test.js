import { query, sources, variables } from '../query';

const OPEN = { isAll: false, bucket: null, currency: null, search: '' };
const ASKED = { names: ['open'], first: 50, after: {} };

describe('query of the invoices', () => {
    it('asks for open ones, oldest due first', () => {
        expect(variables('001A', OPEN, undefined, ASKED)).toEqual({
            first: 50,
            openAfter: null,
            openWhere: { Account__c: { eq: '001A' }, Status__c: { eq: 'Open' } },
            openOrder: { Due_On__c: { order: 'ASC', nulls: 'LAST' } }
        });
        expect(query(['open'])).toContain('open: AR_Invoice__c');
        expect(query(['open'])).not.toContain('rest');
    });

    it('asks for the rest in a connection of its own, newest first', () => {
        expect(sources({ ...OPEN, isAll: true })).toEqual(['open', 'rest']);
        const asked = { names: ['rest'], first: 50, after: { rest: 'x' } };
        expect(variables('001A', { ...OPEN, isAll: true }, undefined, asked)).toEqual({
            first: 50,
            restAfter: 'x',
            restWhere: { Account__c: { eq: '001A' }, Status__c: { ne: 'Open' } },
            restOrder: { Due_On__c: { order: 'DESC', nulls: 'LAST' } }
        });
    });

    it('filters at the server', () => {
        const filter = { isAll: true, bucket: '1-30', currency: 'EUR', search: '50%' };
        expect(sources(filter)).toEqual(['open']);
        expect(variables('001A', filter, undefined, ASKED).openWhere).toMatchObject({
            Bucket__c: { eq: '1-30' },
            Currency__c: { eq: 'EUR' },
            Name: { like: '%50\\%%' }
        });
    });

    it('sorts at the server, by parents too', () => {
        const by = (sort) => variables('001A', OPEN, sort, ASKED).openOrder;
        expect(by({ column: 'balance', isDescending: true })).toEqual({
            Balance__c: { order: 'DESC', nulls: 'LAST' }
        });
        expect(by({ column: 'assigned', isDescending: false })).toEqual({
            Assigned_To__r: { Name: { order: 'ASC', nulls: 'LAST' } }
        });
    });
});
