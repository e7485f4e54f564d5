// The org's date can be moved. Whatever a page asks `Date`, it is told the org's time, also when the date moves while
// the page is open. Imported before everything else.
import { session } from 'platform/session';

const RealDate = Date;
const EVERY_MS = 5000;
let offset = session.clock.offset;
let today = session.clock.today;
const listeners = new Set();

const now = () => RealDate.now() + offset;

const OrgDate = new Proxy(RealDate, {
    construct: (target, given, self) =>
        Reflect.construct(target, given.length ? given : [now()], self),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, self) => (name === 'now' ? now : Reflect.get(target, name, self))
});
RealDate.prototype.constructor = OrgDate;
window.Date = OrgDate;

/** The org's date, as YYYY-MM-DD. */
export function orgToday() {
    return today;
}

/** Call back when the org's date has been moved. Returns what ends that. */
export function onDateMoved(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

async function look() {
    try {
        const clock = await (await fetch('/lightning/clock')).json();
        offset = clock.offset;
        if (clock.today !== today) {
            today = clock.today;
            listeners.forEach((listener) => listener(today));
        }
    } catch {
        // the org is away: its date stays what it was
    }
}

// eslint-disable-next-line @lwc/lwc/no-async-operation -- one poll for the life of the page
setInterval(look, EVERY_MS);
