/**
 * How an account stands, on whatever record of it somebody works: the one component of a page that asks now and then.
 *
 * When what it sees differs from before, it tells the others (c/arLive), so that a page stays true with one small
 * request every few seconds instead of one for each of its components.
 */
import { api, wire } from 'lwc';
import { graphql } from 'lightning/graphql';
import ArRecord from 'c/arRecord';
import { isHidden, reasons } from 'c/arErrors';
import { every, onBucket, onChanged, tellBucket, tellChanged } from 'c/arLive';
import LABEL_FAILED from '@salesforce/label/c.AR_Panel_Failed';
import LABEL_FOLLOW_UP from '@salesforce/label/c.AR_Panel_Follow_Up';
import LABEL_LOADING from '@salesforce/label/c.AR_Panel_Loading';
import LABEL_NO_ACCOUNT from '@salesforce/label/c.AR_Panel_No_Account';
import LABEL_NO_ACCOUNT_NEXT from '@salesforce/label/c.AR_Panel_No_Account_Next';
import LABEL_NO_PERMISSION from '@salesforce/label/c.AR_Panel_No_Permission';
import LABEL_NO_PERMISSION_NEXT from '@salesforce/label/c.AR_Panel_No_Permission_Next';
import LABEL_NOT_REFRESHED from '@salesforce/label/c.AR_Panel_Not_Refreshed';
import LABEL_REFRESH from '@salesforce/label/c.AR_Panel_Refresh';
import LABEL_TITLE from '@salesforce/label/c.AR_Panel_Title';
import LABEL_TRY_AGAIN from '@salesforce/label/c.AR_Panel_Try_Again';
import { bookOf, fingerprint } from './book';
import { PANEL } from './query';
import { viewOf } from './view';

export default class ArPanel extends ArRecord {
    /** After how many hours without word from Dueline the figures are marked as out of date. */
    @api staleAfterHours = 24;
    /** How often the figures are read again, in seconds; 0 for never. */
    @api refreshSeconds = 15;

    labels = {
        followUp: LABEL_FOLLOW_UP,
        loading: LABEL_LOADING,
        refresh: LABEL_REFRESH,
        title: LABEL_TITLE
    };
    /** What is shown, and of which account; kept when a later reading fails, and then marked. */
    view;
    errors;
    /** What a refresh was refused with; the platform may answer the next one without giving the same data again. */
    refusal;
    chosen = {};
    _refresh;
    _book;
    _seen;
    _isTelling = false;
    _quiet = 0;
    _stops = [];

    connectedCallback() {
        this._stops = [
            every(Number(this.refreshSeconds), () => this.poll()),
            onChanged(({ accountId }) => this.hear(accountId)),
            onBucket(({ accountId, bucket, currency }) => {
                this.chosen = accountId === this.accountId ? { bucket, currency } : this.chosen;
            })
        ];
    }

    disconnectedCallback() {
        this._stops.forEach((stop) => stop());
        this._stops = [];
    }

    get query() {
        return this.accountId ? PANEL : undefined;
    }

    get variables() {
        return { accountId: this.accountId };
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredPanel({ data, errors, refresh }) {
        this._refresh = refresh;
        this.errors = errors?.length ? errors : undefined;
        if (data && !this.errors) {
            this.see(bookOf(data));
        }
    }

    see(book) {
        const seen = { accountId: this.accountId, print: fingerprint(book) };
        const before = this._seen;
        this._seen = seen;
        this._book = book;
        this.look();
        if (before?.accountId === seen.accountId && before.print !== seen.print && !this._quiet) {
            this._isTelling = true;
            tellChanged(seen.accountId);
            this._isTelling = false;
        }
    }

    /** Also done where nothing changed, because "2 minutes ago" does. */
    look() {
        if (this._book) {
            this.view = { accountId: this._seen.accountId, ...viewOf(this._book, this) };
        }
    }

    /** Somebody else on this page changed something, and has told everybody: nobody needs to hear it from here too. */
    async hear(accountId) {
        if (accountId === this.accountId && !this._isTelling) {
            this._quiet += 1;
            await this.refresh();
            this._quiet -= 1;
        }
    }

    async poll() {
        if (!isHidden(this.errors)) {
            await this.refresh();
        }
    }

    async refresh() {
        try {
            await this._refresh?.();
            this.refusal = undefined;
        } catch (error) {
            this.refusal = error;
        }
        this.look();
    }

    tellBucket({ detail: { bucket, currency } }) {
        tellBucket(this.accountId, bucket, currency);
    }

    get problem() {
        return this.recordError ?? this.errors ?? this.refusal;
    }

    get isShown() {
        return Boolean(this.view?.figures) && this.isOfThisAccount && !isHidden(this.problem);
    }

    get isOfThisAccount() {
        return Boolean(this.view) && this.view.accountId === this.accountId;
    }

    get figures() {
        return this.view.figures.map((one) => ({
            ...one,
            selected: one.currency === this.chosen.currency ? this.chosen.bucket : undefined
        }));
    }

    get hasFacts() {
        return this.view.facts.length > 0;
    }

    /** Why what is shown may not be true any more, as a notice. */
    get warning() {
        if (this.problem) {
            return { text: LABEL_NOT_REFRESHED, ...this.remedy };
        }
        const { isStale, warning } = this.view.freshness;
        return isStale ? { text: warning, details: [] } : undefined;
    }

    /** What stands in place of figures: a sentence, the next step in `details`, and a button where one helps. */
    get notice() {
        if (isHidden(this.problem)) {
            return { text: LABEL_NO_PERMISSION, details: [LABEL_NO_PERMISSION_NEXT] };
        }
        if (this.problem) {
            return { text: LABEL_FAILED, ...this.remedy };
        }
        if (this.accountId === null) {
            return { text: LABEL_NO_ACCOUNT, details: [LABEL_NO_ACCOUNT_NEXT] };
        }
        return this.isOfThisAccount ? this.view.notice : undefined;
    }

    /** The record itself is read by the page, and cannot be asked for again from here. */
    get remedy() {
        const action = this.recordError ? undefined : LABEL_TRY_AGAIN;
        return { details: reasons(this.problem), action };
    }
}
