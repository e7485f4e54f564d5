/** A promise to pay: how much, by when, for which invoices. What is owed is a hint and never a limit. */
import { createRecord } from 'lightning/uiRecordApi';
import OWN_CURRENCY from '@salesforce/i18n/currency';
import ArForm from 'c/arForm';
import { digitsOf } from 'c/arBalances';
import { fill, money, plural, plusDays, today } from 'c/arWords';
import { amountOf, commitment, covered, currenciesOf, savedWords } from './promise';
import LABEL_AMOUNT from '@salesforce/label/c.AR_Commitment_Amount';
import LABEL_AMOUNT_LOW from '@salesforce/label/c.AR_Commitment_Amount_Low';
import LABEL_AMOUNT_STEP from '@salesforce/label/c.AR_Commitment_Amount_Step';
import LABEL_CURRENCY from '@salesforce/label/c.AR_Commitment_Currency';
import LABEL_CURRENCY_MISSING from '@salesforce/label/c.AR_Commitment_Currency_Missing';
import LABEL_INVOICES from '@salesforce/label/c.AR_Commitment_Invoices';
import LABEL_INVOICES_NONE from '@salesforce/label/c.AR_Commitment_Invoices_None';
import LABEL_LINK from '@salesforce/label/c.AR_Commitment_Link';
import LABEL_MORE_THAN_OWED from '@salesforce/label/c.AR_Commitment_More_Than_Owed';
import LABEL_NOTE from '@salesforce/label/c.AR_Commitment_Note';
import LABEL_ON from '@salesforce/label/c.AR_Commitment_On';
import LABEL_OTHER_MANY from '@salesforce/label/c.AR_Commitment_Other_Many';
import LABEL_OTHER_ONE from '@salesforce/label/c.AR_Commitment_Other_One';
import LABEL_PAST from '@salesforce/label/c.AR_Commitment_Past';
import LABEL_REQUIRED from '@salesforce/label/c.AR_Form_Required';
import LABEL_SAVE from '@salesforce/label/c.AR_Commitment_Save';

const A_WEEK = 7;

export default class ArCommitmentForm extends ArForm {
    objectName = 'AR_Commitment__c';
    label = {
        currency: LABEL_CURRENCY,
        currencyMissing: LABEL_CURRENCY_MISSING,
        invoices: LABEL_INVOICES,
        invoicesNone: LABEL_INVOICES_NONE,
        low: LABEL_AMOUNT_LOW,
        note: LABEL_NOTE,
        on: LABEL_ON,
        past: LABEL_PAST,
        required: LABEL_REQUIRED,
        save: LABEL_SAVE,
        step: LABEL_AMOUNT_STEP
    };
    today = today();
    chosen;
    openCurrencies = [];

    get isLoading() {
        return !this.info || !this.chosen;
    }

    get isReady() {
        return Boolean(this.info);
    }

    get currencies() {
        return currenciesOf(this.chosen ?? [], this.openCurrencies, OWN_CURRENCY);
    }

    get currencyOptions() {
        return this.currencies.map((currency) => ({ label: currency, value: currency }));
    }

    get mustPickCurrency() {
        return this.currencies.length > 1;
    }

    /** The picked currency; undefined while one has to be picked first. */
    get currency() {
        if (!this.mustPickCurrency) {
            return this.currencies[0];
        }
        return this.currencies.find((currency) => currency === this.values.currency);
    }

    get covered() {
        return covered(this.chosen ?? [], this.currency);
    }

    get amount() {
        return this.values.Amount__c ?? amountOf(this.covered);
    }

    get amountLabel() {
        return this.currency ? fill(LABEL_AMOUNT, this.currency) : fill(LABEL_AMOUNT, '…');
    }

    /** What was typed, as it was; what is proposed, with the digits of its currency. */
    get amountInField() {
        const { amount } = this;
        return typeof amount === 'number' ? amount.toFixed(this.digits) : amount;
    }

    get digits() {
        const { scale = Infinity } = this.info?.fields?.Amount__c ?? {};
        return Math.min(digitsOf(this.currency), scale);
    }

    get step() {
        return String(10 ** -this.digits);
    }

    get day() {
        return this.values.Promised_On__c ?? plusDays(this.today, A_WEEK);
    }

    /** Said below the amount, and no reason to refuse it. */
    get hint() {
        const { owed } = this.covered;
        const isMore = owed > 0 && Number(this.amount) > owed;
        return isMore ? fill(LABEL_MORE_THAN_OWED, money(owed, this.currency)) : undefined;
    }

    /** Which of the chosen invoices the promise leaves out, being in another currency. */
    get leftOut() {
        const left = (this.chosen?.length ?? 0) - this.covered.rows.length;
        return this.currency && left > 0
            ? plural(left, LABEL_OTHER_ONE, LABEL_OTHER_MANY)
            : undefined;
    }

    handleInvoices(event) {
        this.chosen = event.detail.rows;
        this.openCurrencies = event.detail.currencies;
    }

    handleCurrency(event) {
        // An amount that was typed for one currency means nothing in another.
        this.values = {
            ...this.values,
            currency: event.detail.value,
            Amount__c: undefined
        };
    }

    async write() {
        const { amount, day, currency } = this;
        const promise = {
            amount,
            day,
            currency,
            rows: this.covered.rows,
            note: this.values.Note__c
        };
        const fields = commitment(this.accountId, promise, this.isMultiCurrency);
        const { id } = await createRecord({
            apiName: this.objectName,
            fields: this.writeable(fields)
        });
        return { title: savedWords(amount, currency, day), recordId: id, link: LABEL_LINK };
    }
}
