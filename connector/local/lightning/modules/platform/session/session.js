// Who is signed in and how they see the world, as the server wrote it into the page. The access token lives in this
// module's memory only; when the org has forgotten it, the same user signs in again.
import { declared } from 'platform/package';

const PHONE = '(max-width: 767px)';

// eslint-disable-next-line @lwc/lwc/no-document-query -- not in a component: this is where the server put it
const element = document.getElementById('lightning-session');
export const session = {
    ...JSON.parse(element.textContent),
    formFactor: window.matchMedia(PHONE).matches ? 'Small' : 'Large'
};
element.remove();

/** Whether a custom or user permission comes with one of the user's permission sets; undefined otherwise, as there. */
export function holds(permission) {
    const granted = session.user.permissionSets.flatMap((name) => declared.granted[name] || []);
    return granted.includes(permission) ? true : undefined;
}

/** Whether a visibility rule on the form factor ({is} or {not}) lets something be seen here. */
export function isShownHere(rule) {
    return !rule || (rule.is ? rule.is === session.formFactor : rule.not !== session.formFactor);
}

/** Sign in as somebody: their session comes with the next page. */
export async function signIn(username) {
    const answer = await fetch('/lightning/session', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username })
    });
    if (!answer.ok) {
        throw new Error((await answer.json()).error);
    }
    return answer.json();
}

/** A new token for the user who is signed in. */
export async function renew() {
    session.token = (await signIn(session.user.username)).token;
}
