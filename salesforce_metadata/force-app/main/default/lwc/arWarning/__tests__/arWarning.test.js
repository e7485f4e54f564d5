import { createElement } from 'lwc';
import { graphql } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { getRecord } from 'lightning/uiRecordApi';
import ArWarning from 'c/arWarning';
import { tellChanged } from 'c/arLive';
import {
    ACCOUNT_ID,
    account,
    answer,
    opportunities,
    pipeline,
    summary
} from '../../../../../../jest-mocks/answers/warning';

const SINGLE_CURRENCY = { fields: { Amount: {} } };
const MULTI_CURRENCY = { fields: { Amount: {}, CurrencyIsoCode: {} } };

async function shown(objectApiName = 'Account') {
    const element = createElement('c-ar-warning', { is: ArWarning });
    Object.assign(element, { recordId: ACCOUNT_ID, objectApiName });
    document.body.appendChild(element);
    if (objectApiName !== 'Account') {
        getRecord.emit({ fields: { AccountId: { value: ACCOUNT_ID } } });
    }
    await settled();
    return element;
}

async function settled() {
    for (let turn = 0; turn < 10; turn += 1) {
        // eslint-disable-next-line no-await-in-loop
        await Promise.resolve();
    }
}

function asks(word) {
    return ({ query }) => query?.includes(word);
}

const isStanding = asks('arWarning(');
const isPipeline = asks('arPipeline(');

function banner(element) {
    return element.shadowRoot.querySelector('[role=status]');
}

function lines(element) {
    return [...banner(element).querySelectorAll('p')].map(({ textContent }) => textContent);
}

describe('c-ar-warning', () => {
    afterEach(() => document.body.replaceChildren());

    it('is not there while it asks, and where there is nothing to warn of', async () => {
        const element = await shown();
        await settled();
        expect(element.shadowRoot.childNodes).toHaveLength(0);
        const quiet = { AR_Summary__c: [summary({ Overdue__c: 0 })], AR_Invoice__c: [] };
        graphql.emit(answer(quiet), isStanding);
        await settled();
        expect(banner(element)).toBeNull();
    });

    it('warns in words, as a status', async () => {
        const element = await shown('Case');
        graphql.emit(answer(), isStanding);
        await settled();
        expect(lines(element)).toEqual([
            'Careful: Northwind owes $48,200 past due, oldest 34 days',
            'Nobody follows it up yet.',
            'See the receivables of Northwind'
        ]);
        expect(banner(element).className).toContain('slds-theme_warning');
        expect(banner(element).querySelector('lightning-icon').alternativeText).toBe('Warning');
    });

    it('leaves to the panel of an account what is not serious', async () => {
        const element = await shown('Account');
        graphql.emit(answer(), isStanding);
        await settled();
        expect(banner(element)).toBeNull();
        const Account = account({ AR_Final_Notice_On__c: '2026-11-12' });
        graphql.emit(answer({ Account }), isStanding);
        await settled();
        expect(lines(element)).toHaveLength(1);
        expect(lines(element)[0]).toContain('final notice sent');
    });

    it('is serious after a final notice', async () => {
        const element = await shown();
        const Account = account({ AR_Final_Notice_On__c: '2026-11-12' });
        graphql.emit(answer({ Account }), isStanding);
        await settled();
        expect(banner(element).className).toContain('slds-theme_error');
        expect(banner(element).querySelector('lightning-icon').alternativeText).toBe('Serious');
    });

    it('tells an opportunity of the open pipeline, and leads to the receivables', async () => {
        const element = await shown('Opportunity');
        graphql.emit(answer(), isStanding);
        getObjectInfo.emit(MULTI_CURRENCY);
        await settled();
        const open = opportunities([100_000, 'USD'], [900, 'EUR']);
        graphql.emit(pipeline(open), isPipeline);
        await settled();
        expect(lines(element)).toContain(
            'Open pipeline on this account: $100,000 and €900 in 2 opportunities'
        );
        const link = element.shadowRoot.querySelector('a');
        expect(link.textContent).toBe('See the receivables of Northwind');
        expect(link.href).toBe('https://www.example.com/');
        const click = new CustomEvent('click', { cancelable: true });
        link.dispatchEvent(click);
        expect(click.defaultPrevented).toBe(true);
    });

    it('asks for the currency of opportunities only where there are several', async () => {
        await shown('Opportunity');
        graphql.emit(answer(), isStanding);
        getObjectInfo.emit(SINGLE_CURRENCY);
        await settled();
        expect(graphql.getLastConfig().query).toContain('arPipeline(');
        expect(graphql.getLastConfig().query).not.toContain('CurrencyIsoCode');
    });

    it('does not ask for the pipeline where there is nothing to warn of', async () => {
        await shown('Opportunity');
        const quiet = { AR_Summary__c: [], AR_Invoice__c: [] };
        graphql.emit(answer(quiet), isStanding);
        getObjectInfo.emit(MULTI_CURRENCY);
        await settled();
        expect(graphql.getLastConfig().query).toBeUndefined();
    });

    it('has no link on the account itself', async () => {
        const element = await shown();
        graphql.emit(answer(), isStanding);
        await settled();
        expect(element.shadowRoot.querySelector('a')).toBeNull();
    });

    it('asks again when something changed', async () => {
        const element = await shown();
        const refresh = jest.fn().mockResolvedValue();
        graphql.emit(answer(), isStanding, refresh);
        await settled();
        tellChanged('001000000000009AAA');
        tellChanged(ACCOUNT_ID);
        await settled();
        expect(refresh).toHaveBeenCalledTimes(1);
        element.remove();
        tellChanged(ACCOUNT_ID);
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('says so where it could not ask, and tries again', async () => {
        const element = await shown();
        const refresh = jest.fn().mockResolvedValue();
        graphql.emitErrors([{ message: 'The server is busy' }], isStanding, refresh);
        await settled();
        const notice = element.shadowRoot.querySelector('c-ar-notice');
        expect(notice.text).toBe('Receivables of this account could not be checked.');
        notice.dispatchEvent(new CustomEvent('action'));
        expect(refresh).toHaveBeenCalledTimes(1);
    });

    it('shows no warning that a refused refresh may have made untrue', async () => {
        const element = await shown();
        const refresh = jest.fn().mockRejectedValue(new Error('Cut off'));
        graphql.emit(answer(), isStanding, refresh);
        await settled();
        tellChanged(ACCOUNT_ID);
        await settled();
        expect(banner(element)).toBeNull();
        expect(element.shadowRoot.querySelector('c-ar-notice')).not.toBeNull();
    });

    it('is not there for people who do not see receivables', async () => {
        const element = await shown();
        graphql.emitErrors(
            [{ message: "Field 'AR_Summary__c' in type 'RecordQuery' is undefined" }],
            isStanding
        );
        await settled();
        expect(element.shadowRoot.childNodes).toHaveLength(0);
    });

    it('does not warn of one account on the page of another', async () => {
        const element = await shown();
        graphql.emit(answer(), isStanding);
        await settled();
        element.recordId = '001000000000002AAA';
        await settled();
        expect(banner(element)).toBeNull();
    });
});
