/**
 * What to be careful of before selling to an account, in words.
 */
import LOCALE from '@salesforce/i18n/locale';
import ORG_CURRENCY from '@salesforce/i18n/currency';
import { peopleOnIt } from 'c/arPeople';
import { nextPage, row, rows } from 'c/arRows';
import { count, dayInWords, fill, money, plural } from 'c/arWords';
import LABEL_CAREFUL from '@salesforce/label/c.AR_Warning_Careful';
import LABEL_DISPUTE from '@salesforce/label/c.AR_Warning_Dispute';
import LABEL_DISPUTES from '@salesforce/label/c.AR_Warning_Disputes';
import LABEL_DISPUTES_ALONE from '@salesforce/label/c.AR_Warning_Disputes_Alone';
import LABEL_FINAL_NOTICE from '@salesforce/label/c.AR_Warning_Final_Notice';
import LABEL_FINAL_NOTICE_ALONE from '@salesforce/label/c.AR_Warning_Final_Notice_Alone';
import LABEL_NOBODY from '@salesforce/label/c.AR_Warning_Nobody';
import LABEL_ON_HOLD from '@salesforce/label/c.AR_Warning_On_Hold';
import LABEL_ON_HOLD_ALONE from '@salesforce/label/c.AR_Warning_On_Hold_Alone';
import LABEL_OWES from '@salesforce/label/c.AR_Warning_Owes';
import LABEL_OWES_OLDEST_DAY from '@salesforce/label/c.AR_Warning_Owes_Oldest_Day';
import LABEL_OWES_OLDEST_DAYS from '@salesforce/label/c.AR_Warning_Owes_Oldest_Days';
import LABEL_PIPELINE_AT_LEAST from '@salesforce/label/c.AR_Warning_Pipeline_At_Least';
import LABEL_PIPELINE_MANY from '@salesforce/label/c.AR_Warning_Pipeline_Many';
import LABEL_PIPELINE_ONE from '@salesforce/label/c.AR_Warning_Pipeline_One';
import LABEL_TALK_TO from '@salesforce/label/c.AR_Warning_Talk_To';
import LABEL_TALK_TO_MANY from '@salesforce/label/c.AR_Warning_Talk_To_Many';
import LABEL_YOU from '@salesforce/label/c.AR_Warning_You';

/**
 * The warning about an account: `{ accountId, accountName, text, advice, isSevere }`; undefined where there is nothing
 * to warn of, or where this person may not see the account.
 */
export function warningOf({ uiapi: { query } }) {
    const [edge] = query.Account?.edges ?? [];
    if (!edge) {
        return undefined;
    }
    const account = row(edge.node);
    const summaries = rows(query.AR_Summary__c);
    const overdue = rows(query.AR_Invoice__c);
    const clauses = clausesOf(account, summaries, overdue, rows(query.AR_Dispute__c).length);
    return clauses.length
        ? {
              accountId: account.Id,
              accountName: account.Name,
              text: fill(LABEL_CAREFUL, clauses.join('; ')),
              advice: adviceOf(overdue, rows(query.Task)),
              isSevere:
                  Boolean(account.AR_Final_Notice_On__c) ||
                  summaries.some(({ Bucket_Over_90__c }) => Bucket_Over_90__c > 0)
          }
        : undefined;
}

/** The open pipeline in words, each currency by itself; undefined where there is none with an amount. */
export function pipelineOf({ uiapi: { query } }) {
    const open = rows(query.Opportunity);
    const sums = new Map();
    for (const { Amount, CurrencyIsoCode } of open.filter((one) => one.Amount > 0)) {
        const currency = CurrencyIsoCode ?? ORG_CURRENCY;
        sums.set(currency, (sums.get(currency) ?? 0) + Amount);
    }
    if (!sums.size) {
        return undefined;
    }
    const amounts = listed(
        [...sums].map(([currency, sum]) => money(sum, currency, { whole: true }))
    );
    if (nextPage(query.Opportunity)) {
        return fill(LABEL_PIPELINE_AT_LEAST, amounts, count(open.length));
    }
    return fill(
        open.length === 1 ? LABEL_PIPELINE_ONE : LABEL_PIPELINE_MANY,
        amounts,
        count(open.length)
    );
}

/** The first clause names the account, the others go on. */
function clausesOf({ Name, AR_Final_Notice_On__c, AR_On_Hold__c }, summaries, overdue, disputes) {
    const day = dayInWords(AR_Final_Notice_On__c);
    const found = [];
    const add = (alone, further) => found.push(found.length ? further : alone);
    const owed = owes(Name, summaries, overdue);
    if (owed) {
        add(owed);
    }
    if (day) {
        add(fill(LABEL_FINAL_NOTICE_ALONE, Name, day), fill(LABEL_FINAL_NOTICE, day));
    }
    if (disputes) {
        const further = plural(disputes, LABEL_DISPUTE, LABEL_DISPUTES);
        add(fill(LABEL_DISPUTES_ALONE, Name, further), further);
    }
    if (AR_On_Hold__c) {
        add(fill(LABEL_ON_HOLD_ALONE, Name), LABEL_ON_HOLD);
    }
    return found;
}

function owes(name, summaries, overdue) {
    const late = summaries.filter((summary) => summary.Overdue__c > 0);
    if (!late.length) {
        return undefined;
    }
    const amounts = listed(
        late.map(({ Overdue__c, Currency__c }) => money(Overdue__c, Currency__c, { whole: true }))
    );
    const days = overdue[0]?.Days_Past_Due__c;
    if (!days) {
        return fill(LABEL_OWES, name, amounts);
    }
    const label = days === 1 ? LABEL_OWES_OLDEST_DAY : LABEL_OWES_OLDEST_DAYS;
    return fill(label, name, amounts, count(days));
}

function adviceOf(overdue, tasks) {
    const people = peopleOnIt(overdue, tasks);
    const others = people.filter(({ name, isMe }) => name && !isMe).map(({ name }) => name);
    if (others.length) {
        return fill(others.length === 1 ? LABEL_TALK_TO : LABEL_TALK_TO_MANY, listed(others));
    }
    if (people.some(({ isMe }) => isMe)) {
        return LABEL_YOU;
    }
    return overdue.length && !people.length ? LABEL_NOBODY : undefined;
}

function listed(texts) {
    return new Intl.ListFormat(LOCALE).format(texts);
}
