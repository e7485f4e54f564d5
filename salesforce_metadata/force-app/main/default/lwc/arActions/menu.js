/** What one can do about a receivable, and which of it is a button where. */
import { fill } from 'c/arWords';
import LABEL_CALL from '@salesforce/label/c.AR_Action_Call';
import LABEL_COMMITMENT from '@salesforce/label/c.AR_Action_Commitment';
import LABEL_DISPUTE from '@salesforce/label/c.AR_Action_Dispute';
import LABEL_ESCALATION from '@salesforce/label/c.AR_Action_Escalation';
import LABEL_FOLLOW_UP from '@salesforce/label/c.AR_Action_Follow_Up';
import LABEL_WHO from '@salesforce/label/c.AR_Action_Follow_Up_Title';
import LABEL_NOTE from '@salesforce/label/c.AR_Action_Note';
import LABEL_TASK from '@salesforce/label/c.AR_Action_Task';
import LABEL_TITLE from '@salesforce/label/c.AR_Action_Title';

const ACTIONS = [
    { name: 'call', label: LABEL_CALL, icon: 'utility:call' },
    { name: 'commitment', label: LABEL_COMMITMENT, icon: 'utility:event' },
    { name: 'dispute', label: LABEL_DISPUTE, icon: 'utility:warning' },
    { name: 'followUp', label: LABEL_FOLLOW_UP, title: LABEL_WHO, icon: 'utility:user' },
    { name: 'note', label: LABEL_NOTE, icon: 'utility:note' },
    { name: 'escalation', label: LABEL_ESCALATION, icon: 'utility:priority' },
    { name: 'task', label: LABEL_TASK, icon: 'utility:task' }
];
const ON_A_PAGE = ['call', 'commitment', 'dispute', 'followUp'];
const FOR_INVOICES = ['commitment', 'dispute', 'followUp'];

/**
 * The actions as buttons, and the rest for the menu.
 *
 * @returns {{buttons: object[], menu: object[]}}
 */
export function arranged({ compact, primary, hasInvoices }) {
    const names = shownNames(compact, primary, hasInvoices);
    const buttons = names.map((name) => ACTIONS.find((action) => action.name === name));
    return {
        buttons: buttons.map((action, index) => ({
            ...action,
            variant: variantOf(index, names.length)
        })),
        menu: ACTIONS.filter(({ name }) => !names.includes(name))
    };
}

/** The title of an action's dialog: "Log a call: Acme". */
export function titleOf(name, accountName) {
    const { label, title = label } = ACTIONS.find((action) => action.name === name);
    return accountName ? fill(LABEL_TITLE, title, accountName) : title;
}

function shownNames(compact, primary, hasInvoices) {
    if (!compact) {
        return ON_A_PAGE;
    }
    return hasInvoices ? FOR_INVOICES : [primary ?? 'call'];
}

/** The one button of a line is told apart without making a list of fifty of them shout. */
function variantOf(index, number) {
    if (index > 0) {
        return 'neutral';
    }
    return number === 1 ? 'brand-outline' : 'brand';
}
