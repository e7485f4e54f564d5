/**
 * Several lists, each newest first and each loaded only so far, as one list, newest first.
 *
 * An entry is taken only while every source that has more to load still has one in hand: the entries that were not
 * loaded are not newer than the last one that was, so nothing newer than what is taken can be missing, and what is
 * loaded later comes behind. Entries that are as new as each other come in the order of their sources.
 */

/**
 * @param {{ name: string, entries: { at: number, day: string }[], hasMore: boolean }[]} sources
 * @returns {{ entries: object[], waiting: Object<string, number> }} the entries that can be shown, and how many of
 *     each source with more to load are in hand and not shown
 */
export function merged(sources) {
    const heads = sources.map((source) => ({ ...source, taken: 0 }));
    const entries = [];
    for (;;) {
        if (heads.some(({ entries: own, taken, hasMore }) => hasMore && taken === own.length)) {
            break;
        }
        const left = heads.filter(({ entries: own, taken }) => taken < own.length);
        if (!left.length) {
            break;
        }
        const newest = left.reduce((best, head) => (isNewer(next(head), next(best)) ? head : best));
        entries.push(next(newest));
        newest.taken += 1;
    }
    const open = heads.filter(({ hasMore }) => hasMore);
    const waiting = open.map(({ name, entries: own, taken }) => [name, own.length - taken]);
    return { entries, waiting: Object.fromEntries(waiting) };
}

/** The entries by day, `[{ day, entries }]`, in the order they come. */
export function byDay(entries) {
    const days = [];
    for (const entry of entries) {
        if (days.at(-1)?.day !== entry.day) {
            days.push({ day: entry.day, entries: [] });
        }
        days.at(-1).entries.push(entry);
    }
    return days;
}

function next({ entries, taken }) {
    return entries[taken];
}

/** What has a day and no time (a payment) comes behind what happened at a time of that day. */
function isNewer(one, other) {
    return one.day === other.day ? one.at > other.at : one.day > other.day;
}
