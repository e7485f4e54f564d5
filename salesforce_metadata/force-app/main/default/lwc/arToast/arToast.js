/** Says in words what was saved or refused. The component that says it is on the page still when its form is gone. */
import { NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import { reasons } from 'c/arErrors';

/**
 * What a form has done, for people.
 *
 * @typedef {object} Done
 * @property {string} title what was saved: "Commitment saved: $1,200 by Friday"
 * @property {string} [recordId] the record, where there is one to look at
 * @property {string} [link] words of the link to it
 */

/**
 * Say that something was saved.
 *
 * @param {LightningElement} host a component with the NavigationMixin
 * @param {Done} done
 */
export async function toastSaved(host, { title, recordId, link }) {
    const toast = { title, variant: 'success', message: '' };
    if (recordId) {
        const url = await host[NavigationMixin.GenerateUrl](pageOf(recordId));
        Object.assign(toast, { message: '{0}', messageData: [{ url, label: link }] });
    }
    host.dispatchEvent(new ShowToastEvent(toast));
}

/** Say that something was refused, and why. It stays until it is closed: nobody may miss it. */
export function toastRefused(host, title, error) {
    const message = reasons(error).join(' ');
    host.dispatchEvent(new ShowToastEvent({ title, message, variant: 'error', mode: 'sticky' }));
}

function pageOf(recordId) {
    return { type: 'standard__recordPage', attributes: { recordId, actionName: 'view' } };
}
