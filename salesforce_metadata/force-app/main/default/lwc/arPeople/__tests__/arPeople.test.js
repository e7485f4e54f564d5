import { peopleOnIt } from 'c/arPeople';

const ME = '005000000000000000';
const ADA = '005000000000001AAA';
const BEN = '005000000000002AAA';

describe('c-ar-people', () => {
    it('takes those whom invoices are assigned to, then those with a task in progress', () => {
        const overdue = [
            { Assigned_To__c: ADA, Assigned_To__r: { Name: 'Ada Okafor' } },
            { Assigned_To__c: null, Assigned_To__r: null },
            { Assigned_To__c: ADA, Assigned_To__r: { Name: 'Ada Okafor' } }
        ];
        const tasks = [
            { Status: 'In Progress', OwnerId: ME, Owner: { Name: 'Me' } },
            { Status: 'Not Started', OwnerId: BEN, Owner: { Name: 'Ben Li' } }
        ];
        expect(peopleOnIt(overdue, tasks)).toEqual([
            { id: ADA, name: 'Ada Okafor', isMe: false },
            { id: ME, name: 'Me', isMe: true }
        ]);
    });

    it('knows a person whose name is hidden, and takes the name from wherever it is', () => {
        const hidden = [{ Assigned_To__c: ADA, Assigned_To__r: null }];
        const task = { Status: 'In Progress', OwnerId: ADA, Owner: { Name: 'Ada Okafor' } };
        expect(peopleOnIt(hidden, [])).toEqual([{ id: ADA, name: undefined, isMe: false }]);
        expect(peopleOnIt(hidden, [task])[0].name).toBe('Ada Okafor');
    });

    it('is nobody where there is nobody', () => {
        expect(peopleOnIt([], [])).toEqual([]);
    });
});
