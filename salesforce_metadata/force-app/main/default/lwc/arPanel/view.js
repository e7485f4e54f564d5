/**
 * What the panel shows of an account: one of few states, each with its words and its next step.
 */
import LABEL_NOT_SEEN from '@salesforce/label/c.AR_Panel_Not_Seen';
import LABEL_NOT_SEEN_NEXT from '@salesforce/label/c.AR_Panel_Not_Seen_Next';
import LABEL_UNLINKED from '@salesforce/label/c.AR_Panel_Unlinked';
import LABEL_UNLINKED_NEXT from '@salesforce/label/c.AR_Panel_Unlinked_Next';
import LABEL_UNSYNCED from '@salesforce/label/c.AR_Panel_Unsynced';
import LABEL_UNSYNCED_NEXT from '@salesforce/label/c.AR_Panel_Unsynced_Next';
import { figures } from './figures';
import { followUp, freshness, standing } from './standing';

/** The view of a book (./book): either a `notice` `{ text, details }`, or figures, facts and how fresh they are. */
export function viewOf(book, { staleAfterHours }) {
    const { account, summaries } = book;
    if (!account) {
        return { notice: { text: LABEL_NOT_SEEN, details: [LABEL_NOT_SEEN_NEXT] } };
    }
    if (!summaries.length) {
        return { accountName: account.Name, notice: emptiness(account) };
    }
    const all = figures(book);
    // with one currency what goes on in it stands beside what goes on with the account
    const [only] = all.length === 1 ? all : [];
    return {
        accountName: account.Name,
        figures: only ? [{ ...only, facts: [] }] : all,
        isQuiet: !summaries.some(({ Outstanding__c }) => Outstanding__c > 0),
        facts: [...(only?.facts ?? []), ...standing(book)],
        followUp: followUp(book),
        freshness: freshness(book, staleAfterHours)
    };
}

function emptiness(account) {
    return account.Billing_Customer_Id__c
        ? { text: LABEL_UNSYNCED, details: [LABEL_UNSYNCED_NEXT] }
        : { text: LABEL_UNLINKED, details: [LABEL_UNLINKED_NEXT] };
}
