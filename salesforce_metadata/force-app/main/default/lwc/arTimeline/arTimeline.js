/**
 * What happened with an account's receivables, newest first, from all who write about it.
 */
import { api } from 'lwc';
import LABEL_CLEAR from '@salesforce/label/c.AR_Timeline_Clear';
import LABEL_COUNT from '@salesforce/label/c.AR_Timeline_Count';
import LABEL_COUNT_ONE from '@salesforce/label/c.AR_Timeline_Count_One';
import LABEL_END from '@salesforce/label/c.AR_Timeline_End';
import LABEL_ERROR from '@salesforce/label/c.AR_Timeline_Error';
import LABEL_LOADING from '@salesforce/label/c.AR_Timeline_Loading';
import LABEL_MORE from '@salesforce/label/c.AR_Timeline_More';
import LABEL_NONE from '@salesforce/label/c.AR_Timeline_None';
import LABEL_NONE_FILTERED from '@salesforce/label/c.AR_Timeline_None_Filtered';
import LABEL_NO_ACCOUNT from '@salesforce/label/c.AR_Timeline_No_Account';
import LABEL_NO_PERMISSION from '@salesforce/label/c.AR_Timeline_No_Permission';
import LABEL_RETRY from '@salesforce/label/c.AR_Timeline_Retry';
import LABEL_STALE from '@salesforce/label/c.AR_Timeline_Stale';
import LABEL_TITLE from '@salesforce/label/c.AR_Timeline_Title';
import LABEL_TITLE_RECORD from '@salesforce/label/c.AR_Timeline_Title_Record';
import { every } from 'c/arLive';
import ArPaged from 'c/arPaged';
import { STATES, remembered } from 'c/arPages';
import { dayInFull, dayInWords, plural } from 'c/arWords';
import { contactInWords } from './contact';
import { entriesOf, entryOf } from './entries';
import { KINDS } from './kinds';
import { byDay, merged } from './merge';
import { EVERYTHING, MERGED, conditions, isOfRecord, query, variables } from './sources';

const LARGEST_PAGE = 200;
const MINUTE_S = 60;

export default class ArTimeline extends ArPaged {
    /** How many entries are shown at a time. */
    @api pageSize = 25;

    filter = EVERYTHING;
    kinds = KINDS;
    systems = [];
    shownEntries;
    /** When the words for how long ago something was were made. */
    now = Date.now();
    labels = {
        clear: LABEL_CLEAR,
        end: LABEL_END,
        error: LABEL_ERROR,
        loading: LABEL_LOADING,
        more: LABEL_MORE,
        noAccount: LABEL_NO_ACCOUNT,
        noPermission: LABEL_NO_PERMISSION,
        none: LABEL_NONE,
        noneFiltered: LABEL_NONE_FILTERED,
        retry: LABEL_RETRY,
        stale: LABEL_STALE
    };

    _isLoadingMore = false;
    _stopClock;
    _list = remembered((accountId, recordId, objectApiName, filter, size) => {
        const wheres = conditions({ accountId, recordId, objectApiName }, filter);
        return {
            accountId,
            size,
            sources: Object.keys(wheres),
            query,
            variables: (asked) => variables(wheres, asked)
        };
    });
    _merged = remembered((held) =>
        merged(
            MERGED.filter((name) => held[name]).map((name) => ({
                name,
                entries: entriesOf(name, held[name].rows),
                hasMore: Boolean(held[name].next)
            }))
        )
    );

    connectedCallback() {
        super.connectedCallback();
        this._stopClock = every(MINUTE_S, () => {
            this.now = Date.now();
        });
    }

    disconnectedCallback() {
        super.disconnectedCallback();
        this._stopClock();
    }

    /** When the button for more goes with the last page, the focus it had goes to the words that say so. */
    renderedCallback() {
        if (this._isLoadingMore && !this.isBusy) {
            this._isLoadingMore = false;
            this.refs.end?.focus();
        }
    }

    get list() {
        const { accountId, recordId, objectApiName, filter, size } = this;
        return accountId && this._list(accountId, recordId, objectApiName, filter, size);
    }

    take(connections) {
        super.take(connections);
        const seen = this.merged.entries.map(({ system }) => system).filter(Boolean);
        const systems = new Set([...this.systems, ...seen]);
        if (systems.size > this.systems.length) {
            this.systems = [...systems].sort();
        }
    }

    get size() {
        return Math.min(Math.max(Number(this.pageSize) || 0, 1), LARGEST_PAGE);
    }

    get title() {
        return isOfRecord(this.objectApiName) ? LABEL_TITLE_RECORD : LABEL_TITLE;
    }

    get merged() {
        return this._merged(this.shown?.held ?? {});
    }

    /** How many of the merged entries are shown: a page, and one more for each time that more was wanted. */
    get limit() {
        return this.shownEntries ?? this.size;
    }

    get entries() {
        return this.merged.entries.slice(0, this.limit);
    }

    get days() {
        return byDay(this.entries).map(({ day, entries }) => ({
            day,
            entries,
            words: this.now && dayInWords(day),
            inFull: dayInFull(day)
        }));
    }

    get hasMore() {
        const { entries, waiting } = this.merged;
        return entries.length > this.limit || Object.keys(waiting).length > 0;
    }

    get hasEntries() {
        return this.entries.length > 0;
    }

    get countText() {
        return plural(this.entries.length, LABEL_COUNT_ONE, LABEL_COUNT);
    }

    get isFiltered() {
        const { kinds, who, days, system } = this.filter;
        return Boolean(kinds.length || who || days || system);
    }

    get contactText() {
        const [row] = this.shown?.held.contact?.rows ?? [];
        return this.now && contactInWords(row && entryOf('contact', row));
    }

    get isLoading() {
        return this.state === STATES.LOADING;
    }

    get isReady() {
        return this.state === STATES.READY;
    }

    get isHidden() {
        return this.state === STATES.HIDDEN;
    }

    get hasNoAccount() {
        return this.state === STATES.NO_ACCOUNT;
    }

    get isStale() {
        return this.isReady && Boolean(this.pageError);
    }

    handleFilter({ detail }) {
        this.filter = { ...this.filter, ...detail };
        this.shownEntries = undefined;
    }

    handleClear() {
        this.filter = EVERYTHING;
        this.shownEntries = undefined;
    }

    /** Sources that could run out before another page is full are read on, all in one request. */
    handleMore() {
        const { entries, waiting } = this.merged;
        this._isLoadingMore = true;
        this.shownEntries = this.limit + this.size;
        if (entries.length < this.shownEntries) {
            this.readMore(Object.keys(waiting).filter((name) => waiting[name] < this.size));
        }
    }

    handleRetry() {
        this.reread();
    }
}
