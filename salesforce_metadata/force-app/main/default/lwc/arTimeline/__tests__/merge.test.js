import { byDay, merged } from '../merge';

/** Numbers that look random and are the same in each run (mulberry32). */
function random(seed) {
    let state = seed;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
}

function compare(one, other) {
    if (one.day !== other.day) {
        return one.day < other.day ? 1 : -1;
    }
    return one.at === other.at ? 0 : other.at - one.at;
}

/** A source as the server has it: newest first; some know the day only, as payments do. */
function history(next, name) {
    const knowsTime = next(3) > 0;
    const entries = Array.from({ length: next(30) }, (_, index) => {
        const at = next(40);
        return {
            id: `${name}${index}`,
            day: `2026-11-${String(10 + Math.floor(at / 8))}`,
            at: knowsTime ? at : -Infinity
        };
    });
    return { name, entries: entries.sort(compare), loaded: 0 };
}

function load(source, count) {
    source.loaded = Math.min(source.entries.length, source.loaded + count);
}

function seen(sources) {
    return merged(
        sources.map(({ name, entries, loaded }) => ({
            name,
            entries: entries.slice(0, loaded),
            hasMore: loaded < entries.length
        }))
    );
}

/** What was not shown, though it is newer than the last entry that was. */
function newerMissing(entries, sources) {
    const last = entries.at(-1);
    const shown = new Set(entries.map(({ id }) => id));
    return sources
        .flatMap((source) => source.entries)
        .filter((entry) => last && !shown.has(entry.id) && compare(entry, last) < 0);
}

/** What is wrong with what is shown, in words. */
function faultOf({ entries }, sources) {
    const isSorted = entries.every((entry, i) => !i || compare(entries[i - 1], entry) <= 0);
    return isSorted && !newerMissing(entries, sources).length ? '' : 'out of order';
}

/** What is wrong with one more round of reading, of at least `size` entries. */
function faultOfRound(before, after, size) {
    if (before.entries.some((entry, index) => entry !== after.entries[index])) {
        return 'something came in between';
    }
    const isEnd = !Object.keys(after.waiting).length;
    const grown = after.entries.length - before.entries.length;
    return grown >= size || isEnd ? '' : 'less than a page came';
}

/** Read another page of each source that could run out. */
function round(sources, waiting, size) {
    sources.filter(({ name }) => waiting[name] < size).forEach((source) => load(source, size));
    return seen(sources);
}

/** Read sources page by page to their end, as "load more" does, looking at each step. */
function fault(seed) {
    const next = random(seed);
    const sources = ['a', 'b', 'c', 'd'].map((name) => history(next, name));
    const size = 1 + next(6);
    sources.forEach((source) => load(source, size));
    let now = seen(sources);
    let found = faultOf(now, sources);
    while (!found && Object.keys(now.waiting).length) {
        const after = round(sources, now.waiting, size);
        found = faultOfRound(now, after, size) || faultOf(after, sources);
        now = after;
    }
    const all = sources.flatMap(({ entries }) => entries).length;
    return found || (now.entries.length === all ? '' : 'stopped before the end');
}

describe('merge of the timeline', () => {
    it('never shows an entry before a newer one, and adds at the end a page at a time', () => {
        const seeds = Array.from({ length: 2000 }, (_, seed) => seed);
        expect(seeds.filter(fault)).toEqual([]);
    });

    it('puts a day without a time behind the times of that day', () => {
        const { entries } = merged([
            { name: 'p', entries: [{ id: 'p', day: '2026-11-20', at: -Infinity }] },
            { name: 'a', entries: [{ id: 'a', day: '2026-11-20', at: 1 }] }
        ]);
        expect(entries.map(({ id }) => id)).toEqual(['a', 'p']);
    });

    it('groups by day', () => {
        const entries = ['2026-11-20', '2026-11-20', '2026-11-18'].map((day) => ({ day }));
        expect(byDay(entries)).toEqual([
            { day: '2026-11-20', entries: entries.slice(0, 2) },
            { day: '2026-11-18', entries: entries.slice(2) }
        ]);
        expect(byDay([])).toEqual([]);
    });
});
