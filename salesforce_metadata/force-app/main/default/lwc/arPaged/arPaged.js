/**
 * A component of a record page that shows a long list about the record's account, page by page.
 *
 * A subclass has a getter `list`: undefined until it can be read, and then an object that stays the same until
 * something else is to be shown (another account, filter or order):
 *   - `accountId`, `sources` (names of connections), `size` (rows of a page),
 *   - `query(names)`: the document that asks for those connections, each under its name as alias,
 *   - `variables({ names, first, after })`: its variables.
 * What changes on the page is read again in place: loaded pages stay, and so does where the reader is. What is on the
 * screen stays there while something else is read; `isBusy` says that it does.
 */
import { wire } from 'lwc';
import { graphql } from 'lightning/graphql';
import { isHidden, reasons } from 'c/arErrors';
import { onChanged } from 'c/arLive';
import { STATES, again, hasGap, isAsking, more, remembered, start, took } from 'c/arPages';
import ArRecord from 'c/arRecord';

export default class ArPaged extends ArRecord {
    /** What hindered the last reading, if anything did. */
    pageError;
    isRereading = false;

    _pages;
    _shown;
    _refresh;
    _stopHearing;
    _asked = new Set();
    _fresh = remembered(start);
    _query = remembered((list, asked) => list.query(asked.names));
    _variables = remembered((list, asked) => list.variables(asked));

    connectedCallback() {
        this._stopHearing = onChanged(({ accountId }) => {
            if (!accountId || accountId === this.accountId) {
                this.readAgain();
            }
        });
    }

    disconnectedCallback() {
        this._stopHearing();
    }

    /** The pages of the list that is wanted now; undefined until there is one. */
    get pages() {
        const { list } = this;
        if (!list) {
            return undefined;
        }
        return this._pages?.list === list ? this._pages : this._fresh(list);
    }

    /** The pages that can be shown: those of the list before, of the same account, until the wanted ones came. */
    get shown() {
        const { pages } = this;
        if (pages?.answered) {
            return pages;
        }
        return pages && this._shown?.list.accountId === pages.list.accountId
            ? this._shown
            : undefined;
    }

    get state() {
        if (this.accountId === null) {
            return STATES.NO_ACCOUNT;
        }
        const error = this.pageError ?? this.recordError;
        if (error && isHidden(error)) {
            return STATES.HIDDEN;
        }
        if (this.shown) {
            return STATES.READY;
        }
        return error ? STATES.ERROR : STATES.LOADING;
    }

    /** Why the last reading failed, in words. */
    get problems() {
        return reasons(this.pageError ?? this.recordError);
    }

    get isBusy() {
        return !this.pageError && (this.isRereading || Boolean(this.pages && isAsking(this.pages)));
    }

    get query() {
        return this.pages && this._query(this.pages.list, this.pages.asked);
    }

    get variables() {
        return this.pages && this._variables(this.pages.list, this.pages.asked);
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredPage({ data, errors, refresh }) {
        this._refresh = refresh ?? this._refresh;
        if (errors?.length) {
            this.pageError = errors;
        } else if (data && this.pages) {
            this.take(data.uiapi.query);
        }
    }

    take(connections) {
        const isFirstAnswer = isAsking(this.pages);
        const pages = took(this.pages, connections);
        this.pageError = undefined;
        this._shown = pages;
        this._pages = hasGap(pages) ? again(pages) : pages;
        if (isFirstAnswer && this.wasAskedBefore(pages)) {
            this.reread();
        }
    }

    /** A request that was made before may have been answered from the platform's cache. */
    wasAskedBefore({ list, asked }) {
        const request = JSON.stringify([asked.names, this._variables(list, asked)]);
        const wasAsked = this._asked.has(request);
        this._asked.add(request);
        return wasAsked;
    }

    /** Ask for the next page of some of the sources. */
    readMore(names) {
        this._pages = more(this.pages, names);
    }

    /** Read all that is loaded once more. */
    async readAgain() {
        const { pages } = this;
        if (!pages?.answered) {
            return;
        }
        const whole = again(pages);
        if (whole === pages) {
            await this.reread();
        } else {
            this._pages = whole;
        }
    }

    /** Make the last request once more: after an error, or past the cache. */
    async reread() {
        this.pageError = undefined;
        this.isRereading = true;
        try {
            await this._refresh?.();
        } catch (error) {
            this.pageError = error;
        } finally {
            this.isRereading = false;
        }
    }
}
