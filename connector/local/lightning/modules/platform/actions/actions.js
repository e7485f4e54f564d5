// Quick actions on their way from the button that starts one to the shell that shows it.
import { declared } from 'platform/package';

/** The standard button that opens a record's details as a form. */
export const EDIT = { name: 'Edit', label: 'Edit', isEdit: true };

let host;

/** The shell says that it shows actions. */
export function showActionsWith(open) {
    host = open;
}

/** Start the quick action of that name for a record. */
export function openAction(name, recordId, objectApiName) {
    const action = name === EDIT.name ? EDIT : declared.actions[name];
    if (!action) {
        throw new Error(`The package has no quick action ${name}.`);
    }
    host({ action, recordId, objectApiName });
}
