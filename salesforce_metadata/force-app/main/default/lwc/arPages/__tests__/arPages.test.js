import { again, hasGap, isAsking, more, remembered, start, took } from 'c/arPages';

const LIST = { sources: ['open', 'rest'], size: 2 };

function connection(named, { next = null, total = named.length } = {}) {
    return {
        edges: named.map((id) => ({ node: { Id: id } })),
        pageInfo: { hasNextPage: Boolean(next), endCursor: next },
        totalCount: total
    };
}

function ids(pages, name) {
    return pages.held[name].rows.map((row) => row.Id);
}

function begun() {
    return took(start(LIST), {
        open: connection(['a', 'b'], { next: '2', total: 3 }),
        rest: connection(['x'])
    });
}

describe('c-ar-pages', () => {
    it('asks for the first page of each source', () => {
        const pages = start(LIST);
        expect(pages.asked).toMatchObject({ names: ['open', 'rest'], first: 2, after: {} });
        expect(isAsking(pages)).toBe(true);
        expect(isAsking(begun())).toBe(false);
    });

    it('puts further pages behind, and asks only sources that have one', () => {
        const asked = more(begun(), ['open', 'rest']);
        expect(asked.asked).toMatchObject({ names: ['open'], first: 2, after: { open: '2' } });
        const pages = took(asked, { open: connection(['c'], { total: 3 }) });
        expect(ids(pages, 'open')).toEqual(['a', 'b', 'c']);
        expect(ids(pages, 'rest')).toEqual(['x']);
        expect(more(pages, ['open', 'rest'])).toBe(pages);
    });

    it('takes the same answer, or a newer one, any number of times', () => {
        const asked = more(begun(), ['open']);
        const once = took(asked, { open: connection(['c'], { total: 3 }) });
        const twice = took(once, { open: connection(['d'], { total: 3 }) });
        expect(ids(twice, 'open')).toEqual(['a', 'b', 'd']);
    });

    it('leaves out what came on the page before', () => {
        const pages = took(more(begun(), ['open']), { open: connection(['b', 'c'], { total: 3 }) });
        expect(ids(pages, 'open')).toEqual(['a', 'b', 'c']);
    });

    it('reads again in one piece, as long as what is loaded', () => {
        const loaded = took(more(begun(), ['open']), { open: connection(['c'], { total: 3 }) });
        const whole = again(loaded);
        expect(whole.asked).toMatchObject({ names: ['open', 'rest'], first: 3, after: {} });
        expect(ids(whole, 'open')).toEqual(['a', 'b', 'c']);
        expect(again(whole)).toBe(whole);
        const pages = took(whole, { open: connection(['c', 'd']), rest: connection(['a', 'x']) });
        expect(ids(pages, 'open')).toEqual(['c', 'd']);
        expect(ids(pages, 'rest')).toEqual(['a', 'x']);
    });

    it('keeps the rows that read as they did', () => {
        const pages = begun();
        const { open, rest } = { open: connection(['b', 'c']), rest: connection(['x']) };
        rest.edges[0].node.Name = { value: 'now known' };
        const after = took({ ...pages }, { open, rest });
        expect(after.held.open.rows[0]).toBe(pages.held.open.rows[1]);
        expect(after.held.rest.rows[0]).toEqual({ Id: 'x', Name: 'now known' });
    });

    it('does not offer a page behind the last row that a cursor can reach', () => {
        const many = Array.from({ length: 2000 }, (_, index) => String(index));
        const answer = { open: connection(many, { next: 'c', total: 2500 }), rest: connection([]) };
        const pages = took(start(LIST), answer);
        expect(pages.held.open.next).toBeNull();
        expect(hasGap(pages)).toBe(false);
    });

    it('never asks for more rows than the platform gives at once', () => {
        const many = Array.from({ length: 2500 }, (_, index) => String(index));
        const pages = took(start(LIST), { open: connection(many), rest: connection([]) });
        expect(again(pages).asked.first).toBe(2000);
    });

    it('notices rows that fell between two pages', () => {
        const asked = more(begun(), ['open']);
        expect(hasGap(took(asked, { open: connection(['b'], { total: 3 }) }))).toBe(true);
        expect(hasGap(took(asked, { open: connection(['c'], { total: 3 }) }))).toBe(false);
        const unfinished = { open: connection(['b'], { next: '4', total: 5 }) };
        expect(hasGap(took(asked, unfinished))).toBe(false);
        expect(hasGap(begun())).toBe(false);
    });

    it('remembers a result while the arguments are the same', () => {
        const make = jest.fn((a, b) => ({ a, b }));
        const get = remembered(make);
        expect(get(1, 2)).toBe(get(1, 2));
        expect(get(1, 3)).toEqual({ a: 1, b: 3 });
        expect(make).toHaveBeenCalledTimes(2);
    });
});
