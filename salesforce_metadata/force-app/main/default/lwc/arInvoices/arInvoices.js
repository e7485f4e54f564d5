/**
 * The invoices of an account, on its page and on those of its opportunities, cases and contacts.
 */
import { api } from 'lwc';
import LABEL_CLEAR from '@salesforce/label/c.AR_Invoices_Clear';
import LABEL_CLEAR_SELECTION from '@salesforce/label/c.AR_Invoices_Clear_Selection';
import LABEL_COUNT from '@salesforce/label/c.AR_Invoices_Count';
import LABEL_COUNT_ALL from '@salesforce/label/c.AR_Invoices_Count_All';
import LABEL_COUNT_MOST from '@salesforce/label/c.AR_Invoices_Count_Most';
import LABEL_COUNT_ONE from '@salesforce/label/c.AR_Invoices_Count_One';
import LABEL_ERROR from '@salesforce/label/c.AR_Invoices_Error';
import LABEL_LOADING from '@salesforce/label/c.AR_Invoices_Loading';
import LABEL_MORE from '@salesforce/label/c.AR_Invoices_More';
import LABEL_NONE from '@salesforce/label/c.AR_Invoices_None';
import LABEL_NONE_FILTERED from '@salesforce/label/c.AR_Invoices_None_Filtered';
import LABEL_NONE_OPEN from '@salesforce/label/c.AR_Invoices_None_Open';
import LABEL_NO_ACCOUNT from '@salesforce/label/c.AR_Invoices_No_Account';
import LABEL_NO_PERMISSION from '@salesforce/label/c.AR_Invoices_No_Permission';
import LABEL_RETRY from '@salesforce/label/c.AR_Invoices_Retry';
import LABEL_SEARCH_ALL from '@salesforce/label/c.AR_Invoices_Search_All';
import LABEL_SHOWING from '@salesforce/label/c.AR_Invoices_Showing';
import LABEL_SHOW_ALL from '@salesforce/label/c.AR_Invoices_Show_All';
import LABEL_STALE from '@salesforce/label/c.AR_Invoices_Stale';
import LABEL_TITLE from '@salesforce/label/c.AR_Invoices_Title';
import { onBucket, tellBucket } from 'c/arLive';
import ArPaged from 'c/arPaged';
import { STATES, remembered } from 'c/arPages';
import { count, fill } from 'c/arWords';
import { BUCKETS, OPEN, filterInWords } from './filters';
import { COLUMNS, query, sources, variables } from './query';
import { reselected, selectionInWords, viewOf } from './view';

const LARGEST_PAGE = 200;

export default class ArInvoices extends ArPaged {
    /** How many invoices are loaded at a time. */
    @api pageSize = 50;

    buckets = BUCKETS;
    filter = OPEN;
    sort;
    selection = new Map();
    labels = {
        clear: LABEL_CLEAR,
        clearSelection: LABEL_CLEAR_SELECTION,
        error: LABEL_ERROR,
        loading: LABEL_LOADING,
        noAccount: LABEL_NO_ACCOUNT,
        noPermission: LABEL_NO_PERMISSION,
        retry: LABEL_RETRY,
        stale: LABEL_STALE,
        title: LABEL_TITLE
    };

    _isLoadingMore = false;
    _stopBuckets;
    _list = remembered((accountId, filter, sort, size) => ({
        accountId,
        size,
        sources: sources(filter),
        query,
        variables: (asked) => variables(accountId, filter, sort, asked)
    }));

    connectedCallback() {
        super.connectedCallback();
        this._stopBuckets = onBucket(({ accountId, bucket, currency }) => {
            if (accountId === this.accountId) {
                this.show({ ...this.filter, bucket, currency });
            }
        });
    }

    disconnectedCallback() {
        super.disconnectedCallback();
        this._stopBuckets();
    }

    /** When the button for more goes with the last page, the focus it had goes to the words that say so. */
    renderedCallback() {
        if (this._isLoadingMore && !this.isBusy) {
            this._isLoadingMore = false;
            if (!this.moreText) {
                this.refs.count?.focus();
            }
        }
    }

    get list() {
        const size = Math.min(Math.max(Number(this.pageSize) || 0, 1), LARGEST_PAGE);
        return this.accountId && this._list(this.accountId, this.filter, this.sort, size);
    }

    take(connections) {
        const before = this.loaded;
        super.take(connections);
        if (this.selection.size) {
            this.selection = reselected(this.selection, before, this.loaded);
        }
    }

    /** The rows that are loaded and can be shown: settled ones only behind the last open one. */
    get loaded() {
        const { open, rest } = this.shown?.held ?? {};
        return open ? [...open.rows, ...((!open.next && rest?.rows) || [])] : [];
    }

    get rows() {
        return this.loaded.map((row) => viewOf(row, this.selection.has(row.Id)));
    }

    get total() {
        return Object.values(this.shown?.held ?? {}).reduce((sum, { total }) => sum + total, 0);
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

    get hasRows() {
        return this.loaded.length > 0;
    }

    /** How many there are, for those who listen too. */
    get countText() {
        const seen = this.loaded.length;
        if (seen < this.total) {
            const label = this.moreText ? LABEL_COUNT : LABEL_COUNT_MOST;
            return fill(label, count(seen), count(this.total));
        }
        return seen === 1 ? LABEL_COUNT_ONE : fill(LABEL_COUNT_ALL, count(seen));
    }

    get filterText() {
        const words = filterInWords(this.filter);
        return words && fill(LABEL_SHOWING, words);
    }

    /** What to say, and to offer, where no invoice is to be shown. */
    get nothing() {
        if (this.filterText && !this.filter.isAll && this.filter.search) {
            return { text: LABEL_NONE_FILTERED, action: LABEL_SEARCH_ALL, act: this.handleShowAll };
        }
        if (this.filterText) {
            return { text: LABEL_NONE_FILTERED, action: LABEL_CLEAR, act: this.handleClear };
        }
        return this.filter.isAll
            ? { text: LABEL_NONE }
            : { text: LABEL_NONE_OPEN, action: LABEL_SHOW_ALL, act: this.handleShowAll };
    }

    get moreText() {
        const { open, rest: settled } = this.shown.held;
        if (!open.next && !settled?.next) {
            return '';
        }
        const rest = Math.min(this.total - this.loaded.length, this.list.size);
        return rest > 0 ? fill(LABEL_MORE, count(rest)) : '';
    }

    get selectedRows() {
        return [...this.selection.values()];
    }

    get selectionText() {
        return this.selection.size ? selectionInWords(this.selectedRows) : '';
    }

    show(filter) {
        this.filter = filter;
        this.selection = new Map();
    }

    handleFilter({ detail }) {
        const filter = { ...this.filter, ...detail };
        if (filter.bucket === this.filter.bucket) {
            this.show(filter);
        } else {
            this.showBucket(filter);
        }
    }

    handleClear() {
        this.showBucket({ ...OPEN, isAll: this.filter.isAll });
    }

    handleShowAll() {
        this.showBucket({ ...this.filter, isAll: true, bucket: null, currency: null });
    }

    /** Show a filter of which the aging bar of the page is to know. */
    showBucket(filter) {
        this.show(filter);
        tellBucket(this.accountId, filter.bucket, filter.currency);
    }

    handleSort({ detail: { column } }) {
        const isSame = this.sort?.column === column;
        const isDescending = isSame ? !this.sort.isDescending : COLUMNS[column].order === 'DESC';
        this.sort = { column, isDescending };
    }

    handleSelect({ detail: { ids, isSelected } }) {
        const selection = new Map(this.selection);
        const rows = new Map(this.loaded.map((row) => [row.Id, row]));
        ids.forEach((id) => (isSelected ? selection.set(id, rows.get(id)) : selection.delete(id)));
        this.selection = selection;
    }

    handleClearSelection() {
        this.selection = new Map();
    }

    /** The rest begins where the open ones end. */
    handleMore() {
        const { open } = this.pages.held;
        this._isLoadingMore = true;
        this.readMore([open.next ? 'open' : 'rest']);
    }

    handleNothing() {
        this.nothing.act.call(this);
    }

    handleRetry() {
        this.reread();
    }
}
