/**
 * A warning where sales works, so that nobody sells into a collection letter. Where there is nothing to warn of, and
 * for people who do not see receivables, it is not there at all.
 */
import { wire } from 'lwc';
import { graphql } from 'lightning/graphql';
import { NavigationMixin } from 'lightning/navigation';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import ArRecord from 'c/arRecord';
import { isHidden } from 'c/arErrors';
import { onChanged } from 'c/arLive';
import { fill } from 'c/arWords';
import LABEL_FAILED from '@salesforce/label/c.AR_Warning_Failed';
import LABEL_MILD from '@salesforce/label/c.AR_Warning_Mild';
import LABEL_OPEN from '@salesforce/label/c.AR_Warning_Open_Receivables';
import LABEL_SEVERE from '@salesforce/label/c.AR_Warning_Severe';
import LABEL_TRY_AGAIN from '@salesforce/label/c.AR_Panel_Try_Again';
import { STANDING, pipelineQuery } from './query';
import { pipelineOf, warningOf } from './warning';

const ACCOUNT = 'Account';
const OPPORTUNITY = 'Opportunity';

export default class ArWarning extends NavigationMixin(ArRecord) {
    labels = { failed: LABEL_FAILED, tryAgain: LABEL_TRY_AGAIN };
    warning;
    pipeline;
    accountUrl;
    errors;
    refusal;
    _isMultiCurrency;
    _refresh;
    _stop;

    connectedCallback() {
        this._stop = onChanged(({ accountId }) => {
            if (accountId === this.accountId) {
                this.refresh();
            }
        });
    }

    disconnectedCallback() {
        this._stop();
    }

    get query() {
        return this.accountId ? STANDING : undefined;
    }

    get variables() {
        return { accountId: this.accountId };
    }

    @wire(graphql, { query: '$query', variables: '$variables' })
    wiredStanding({ data, errors, refresh }) {
        this._refresh = refresh;
        this.errors = errors?.length ? errors : undefined;
        if (data && !this.errors) {
            this.warning = warningOf(data);
            this.findAccount();
        }
    }

    get opportunity() {
        return this.objectApiName === OPPORTUNITY ? OPPORTUNITY : undefined;
    }

    @wire(getObjectInfo, { objectApiName: '$opportunity' })
    wiredOpportunity({ data }) {
        this._isMultiCurrency = data ? 'CurrencyIsoCode' in data.fields : undefined;
    }

    /** Asked on opportunities only, and only where there is something to warn of. */
    get pipelineQuery() {
        return this.isWarned && this._isMultiCurrency !== undefined
            ? pipelineQuery(this._isMultiCurrency)
            : undefined;
    }

    @wire(graphql, { query: '$pipelineQuery', variables: '$variables' })
    wiredPipeline({ data }) {
        this.pipeline = data && pipelineOf(data);
    }

    async findAccount() {
        if (this.isWarned && !this.isOnAccount) {
            this.accountUrl = await this[NavigationMixin.GenerateUrl](this.accountPage);
        }
    }

    get accountPage() {
        return {
            type: 'standard__recordPage',
            attributes: {
                recordId: this.accountId,
                objectApiName: ACCOUNT,
                actionName: 'view'
            }
        };
    }

    openAccount(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](this.accountPage);
    }

    async refresh() {
        try {
            await this._refresh?.();
            this.refusal = undefined;
        } catch (error) {
            this.refusal = error;
        }
    }

    get problem() {
        return this.errors ?? this.refusal;
    }

    get hasFailed() {
        return Boolean(this.problem) && !isHidden(this.problem);
    }

    /** Whether there is a warning, and about the account of this record: a page may go on to the next record. */
    get isWarned() {
        return Boolean(this.warning) && this.warning.accountId === this.accountId;
    }

    get isShown() {
        return this.isWarned && !this.problem && (this.warning.isSevere || !this.isOnAccount);
    }

    /** There the panel says it, with who is on it: only what nobody may overlook is said twice. */
    get isOnAccount() {
        return this.objectApiName === ACCOUNT;
    }

    get advice() {
        return this.isOnAccount ? undefined : this.warning.advice;
    }

    get look() {
        return `slds-scoped-notification slds-media warning ${
            this.warning.isSevere ? 'slds-theme_error' : 'slds-theme_warning'
        }`;
    }

    get severity() {
        return this.warning.isSevere ? LABEL_SEVERE : LABEL_MILD;
    }

    get icon() {
        return this.warning.isSevere ? 'utility:error' : 'utility:warning';
    }

    get iconVariant() {
        return this.warning.isSevere ? 'inverse' : undefined;
    }

    get linkLabel() {
        return fill(LABEL_OPEN, this.warning.accountName);
    }
}
