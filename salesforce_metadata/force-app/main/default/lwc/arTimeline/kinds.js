/** The kinds of entries, as AR_Activity__c.Kind__c names them, in the order in which one filters by them. */
import LABEL_CALL from '@salesforce/label/c.AR_Timeline_Kind_Call';
import LABEL_COMMITMENT from '@salesforce/label/c.AR_Timeline_Kind_Commitment';
import LABEL_DISPUTE from '@salesforce/label/c.AR_Timeline_Kind_Dispute';
import LABEL_DUNNING from '@salesforce/label/c.AR_Timeline_Kind_Dunning';
import LABEL_EMAIL from '@salesforce/label/c.AR_Timeline_Kind_Email';
import LABEL_ESCALATION from '@salesforce/label/c.AR_Timeline_Kind_Escalation';
import LABEL_FINAL_NOTICE from '@salesforce/label/c.AR_Timeline_Kind_Final_Notice';
import LABEL_HOLD from '@salesforce/label/c.AR_Timeline_Kind_Hold';
import LABEL_NOTE from '@salesforce/label/c.AR_Timeline_Kind_Note';
import LABEL_PAYMENT from '@salesforce/label/c.AR_Timeline_Kind_Payment';
import LABEL_TASK from '@salesforce/label/c.AR_Timeline_Kind_Task';
import LABEL_WRITE_OFF from '@salesforce/label/c.AR_Timeline_Kind_Write_Off';

export const KINDS = [
    { value: 'Call', label: LABEL_CALL },
    { value: 'Email', label: LABEL_EMAIL },
    { value: 'Note', label: LABEL_NOTE },
    { value: 'Task', label: LABEL_TASK },
    { value: 'Commitment', label: LABEL_COMMITMENT },
    { value: 'Dispute', label: LABEL_DISPUTE },
    { value: 'Escalation', label: LABEL_ESCALATION },
    { value: 'Payment', label: LABEL_PAYMENT },
    { value: 'Dunning', label: LABEL_DUNNING },
    { value: 'Final Notice', label: LABEL_FINAL_NOTICE },
    { value: 'Hold', label: LABEL_HOLD },
    { value: 'Write-Off', label: LABEL_WRITE_OFF }
];

/** A kind as people say it; one that is not known, as it is spelt. */
export function kindInWords(kind) {
    return KINDS.find(({ value }) => value === kind)?.label ?? kind;
}
