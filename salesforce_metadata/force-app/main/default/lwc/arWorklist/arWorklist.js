/**
 * My receivables: my accounts in the order to act on them, each with the reasons in words and the action.
 *
 * One request a minute, and one whenever somebody on the page changes something. What is on the screen stays there
 * while it is read again; where that fails it is marked as old.
 */
import { LightningElement, api, wire } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import { graphql } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import USER_ID from '@salesforce/user/Id';
import OWN_CURRENCY from '@salesforce/i18n/currency';
import { isHidden, reasons } from 'c/arErrors';
import { every, onChanged } from 'c/arLive';
import { toastRefused, toastSaved } from 'c/arToast';
import { ago, fill, instant, plusDays, today } from 'c/arWords';
import { MOST_ROWS, worklistQuery } from './query';
import { bookOf } from './book';
import { labels } from './labels';

const A_WEEK = 7;
const TWO_WEEKS_MS = 14 * 86_400_000;
const SECONDS = 60;
const HOUR_MS = 3_600_000;

export default class ArWorklist extends NavigationMixin(LightningElement) {
    /** How many accounts are shown before one asks for the rest. */
    @api maxAccounts = 50;
    /** After how many hours without news from Dueline the figures count as stale. */
    @api staleAfterHours = 24;

    label = labels;
    whoseOptions = [
        { label: labels.MINE, value: 'mine' },
        { label: labels.ALL, value: 'all' }
    ];
    whose = 'mine';
    /** Whether opportunities can be read: none, single or multi (currency); undefined until known. */
    pipeline;
    book;
    errors;
    readAt;
    showsAll = false;
    isReading = false;
    today = today();
    _since = new Date(Date.now() - TWO_WEEKS_MS).toISOString();
    _refresh;
    _stops = [];

    connectedCallback() {
        const refresh = () => this.refresh();
        this._stops = [every(SECONDS, refresh), onChanged(refresh)];
    }

    disconnectedCallback() {
        this._stops.forEach((stop) => stop());
    }

    @wire(getObjectInfo, { objectApiName: 'Opportunity' })
    wiredOpportunity({ data, error }) {
        if (data) {
            const many = data.fields.CurrencyIsoCode ? 'multi' : 'single';
            this.pipeline = data.fields.Amount ? many : 'none';
        } else if (error) {
            this.pipeline = 'none';
        }
    }

    get isMine() {
        return this.whose === 'mine';
    }

    get query() {
        return this.pipeline ? worklistQuery(this.isMine, this.pipeline) : undefined;
    }

    get variables() {
        return {
            me: USER_ID,
            until: plusDays(this.today, A_WEEK),
            since: this._since,
            first: MOST_ROWS
        };
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredBook({ data, errors, refresh }) {
        this._refresh = refresh ?? this._refresh;
        this.errors = errors;
        if (data && !errors) {
            const around = {
                me: USER_ID,
                today: this.today,
                ownCurrency: OWN_CURRENCY,
                mine: this.isMine
            };
            this.book = bookOf(data.uiapi.query, around);
            this.readAt = new Date().toISOString();
        }
    }

    get isLoading() {
        return !this.book && !this.errors;
    }

    /** There is nothing to show, and this is why. */
    get notice() {
        if (this.book || !this.errors) {
            return undefined;
        }
        return isHidden(this.errors)
            ? { text: labels.HIDDEN }
            : { text: reasons(this.errors).join(' '), action: labels.RETRY, variant: 'error' };
    }

    /** What is shown could not be read again. */
    get oldNotice() {
        return this.book && this.errors ? fill(labels.OLD, instant(this.readAt)) : undefined;
    }

    get oldReasons() {
        return reasons(this.errors);
    }

    get asOf() {
        return this.book?.asOf ? fill(labels.AS_OF, ago(this.book.asOf)) : undefined;
    }

    /** Dueline is behind: what is shown is true, but of then. */
    get staleNotice() {
        const { asOf } = this.book;
        const isStale = asOf && Date.now() - Date.parse(asOf) > this.staleAfterHours * HOUR_MS;
        return isStale ? fill(labels.STALE, instant(asOf)) : undefined;
    }

    get hasPipeline() {
        return this.book.pipeline.length > 0;
    }

    get toDo() {
        return this.showsAll ? this.book.toDo : this.book.toDo.slice(0, this.maxAccounts);
    }

    get showAllLabel() {
        const { length } = this.book.toDo;
        return length > this.toDo.length ? fill(labels.SHOW_ALL, length) : undefined;
    }

    get tabs() {
        const { toDo, coming, broken, tasks } = this.book;
        return {
            toDo: fill(labels.TAB_TO_DO, toDo.length),
            coming: fill(labels.TAB_COMING, coming.length),
            broken: fill(labels.TAB_BROKEN, broken.length),
            tasks: fill(labels.TAB_TASKS, tasks.length)
        };
    }

    get hasNothing() {
        return !this.book.toDo.length;
    }

    get hasNoComing() {
        return !this.book.coming.length;
    }

    get hasNoBroken() {
        return !this.book.broken.length;
    }

    get hasNoTasks() {
        return !this.book.tasks.length;
    }

    handleWhose(event) {
        this.whose = event.detail.value;
        // Figures of the accounts before must not stand under the name of these.
        this.book = undefined;
        this.errors = undefined;
    }

    handleShowAll() {
        this.showsAll = true;
    }

    handleCompleted(event) {
        toastSaved(this, { title: event.detail.title });
    }

    handleRefused(event) {
        toastRefused(this, event.detail.title, event.detail.error);
    }

    async refresh() {
        this.today = today();
        this.isReading = true;
        try {
            await this._refresh?.();
        } catch (error) {
            this.errors = [error];
        } finally {
            this.isReading = false;
        }
    }
}
