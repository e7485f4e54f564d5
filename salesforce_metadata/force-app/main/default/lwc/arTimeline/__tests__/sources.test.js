import { EVERYTHING, conditions, query, variables } from '../sources';

const ACCOUNT = { accountId: '001A', recordId: '001A', objectApiName: 'Account' };
const OPEN_FOLLOW_UPS = { AR_Key__c: { ne: null }, IsClosed: { eq: false } };

function sourcesOf(filter, page = ACCOUNT) {
    return Object.keys(conditions(page, { ...EVERYTHING, ...filter })).filter(
        (name) => name !== 'contact'
    );
}

describe('sources of the timeline', () => {
    it('asks each object for the rows of the account', () => {
        const wheres = conditions(ACCOUNT, EVERYTHING);
        expect(wheres.payment).toEqual({ and: [{ Account__c: { eq: '001A' } }] });
        expect(wheres.openTask).toEqual({ and: [{ AccountId: { eq: '001A' } }, OPEN_FOLLOW_UPS] });
        expect(wheres.activity.and).toContainEqual({ Occurred_At__c: { ne: null } });
        expect(wheres.undated.and).toContainEqual({ Occurred_At__c: { eq: null } });
    });

    it('looks for the last contact by somebody else, whatever is filtered', () => {
        const { contact } = conditions(ACCOUNT, { ...EVERYTHING, kinds: ['Payment'] });
        expect(contact).toMatchObject({
            Account__c: { eq: '001A' },
            Occurred_At__c: { eq: { range: { last_n_days: 3 } } }
        });
        expect(contact.OwnerId.ne).toBeTruthy();
    });

    it('leaves out what a filter cannot meet', () => {
        expect(sourcesOf({ kinds: ['Payment', 'Call'] })).toEqual([
            'activity',
            'undated',
            'payment'
        ]);
        expect(sourcesOf({ who: 'Ada' })).not.toContain('payment');
        expect(sourcesOf({ system: 'Stripe' })).toEqual(['activity', 'undated', 'payment']);
        expect(sourcesOf({ system: 'Dueline' })).toEqual(
            expect.arrayContaining(['openTask', 'doneTask'])
        );
        expect(sourcesOf({ system: 'Salesforce' })).toEqual([
            'activity',
            'undated',
            'commitment',
            'dispute'
        ]);
    });

    it('filters by day at the field that orders', () => {
        const wheres = conditions(ACCOUNT, { ...EVERYTHING, days: 30 });
        const range = { eq: { range: { last_n_days: 30 } } };
        expect(wheres.payment.and).toContainEqual({ Paid_On__c: range });
        expect(wheres.doneTask.and).toContainEqual({ CompletedDateTime: range });
    });

    it('takes what is typed as it is, and looks for a name where it stands', () => {
        const wheres = conditions(ACCOUNT, { ...EVERYTHING, who: '50%_' });
        const name = { like: '%50\\%\\_%' };
        const owner = { Owner: { User: { Name: name } } };
        expect(wheres.activity.and).toContainEqual({
            or: [{ By__c: name }, { and: [{ By__c: { eq: null } }, owner] }]
        });
        expect(wheres.openTask.and).toContainEqual(owner);
        expect(wheres.commitment.and).toContainEqual({ CreatedBy: { Name: name } });
    });

    it('shows on an invoice what happened to it', () => {
        const page = { accountId: '001A', recordId: 'a0I', objectApiName: 'AR_Invoice__c' };
        expect(sourcesOf({}, page)).toEqual([
            'activity',
            'undated',
            'payment',
            'commitment',
            'dispute'
        ]);
        const { commitment } = conditions(page, EVERYTHING);
        expect(commitment).toEqual({ and: [{ Invoice__c: { eq: 'a0I' } }] });
        const own = { ...page, objectApiName: 'AR_Dispute__c', recordId: 'a0D' };
        expect(conditions(own, EVERYTHING).dispute).toEqual({ and: [{ Id: { eq: 'a0D' } }] });
    });

    it('declares and gives the variables of the sources asked for, and no others', () => {
        const text = query(['payment', 'contact']);
        expect(text).toContain('$paymentWhere: AR_Payment__c_Filter, $paymentAfter: String');
        expect(text).toContain('contact: AR_Activity__c');
        expect(text).not.toContain('dispute');
        const wheres = conditions(ACCOUNT, EVERYTHING);
        const given = variables(wheres, {
            names: ['payment', 'contact'],
            first: 25,
            after: { payment: 'x' }
        });
        expect(given).toEqual({
            first: 25,
            paymentWhere: wheres.payment,
            paymentAfter: 'x',
            contactWhere: wheres.contact
        });
    });
});
