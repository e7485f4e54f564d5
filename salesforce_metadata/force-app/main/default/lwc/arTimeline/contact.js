/** What somebody who is about to contact the customer has to know first: that another did, a moment ago. */
import LABEL_CALLED from '@salesforce/label/c.AR_Timeline_Contact_Called';
import LABEL_EMAILED from '@salesforce/label/c.AR_Timeline_Contact_Emailed';
import LABEL_FINAL_NOTICE from '@salesforce/label/c.AR_Timeline_Contact_Final_Notice';
import LABEL_OTHER from '@salesforce/label/c.AR_Timeline_Contact_Other';
import LABEL_SOMEBODY from '@salesforce/label/c.AR_Timeline_Contact_Somebody';
import { ago, fill } from 'c/arWords';

const SENTENCES = { Call: LABEL_CALLED, Email: LABEL_EMAILED, 'Final Notice': LABEL_FINAL_NOTICE };

/** "Ben Adler called this customer yesterday: … Read it before you call."; undefined where nobody did. */
export function contactInWords(entry) {
    if (!entry) {
        return undefined;
    }
    const who = entry.who || entry.system || LABEL_SOMEBODY;
    return fill(SENTENCES[entry.kind] ?? LABEL_OTHER, who, ago(entry.instant), entry.title);
}
