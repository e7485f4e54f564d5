/**
 * Amounts, days and texts in the words of the person who reads them.
 *
 * Amounts are never added here: each comes with its own currency, as Salesforce computed it. Days are `YYYY-MM-DD`,
 * instants ISO 8601 with a time zone; "today" is the day in the time zone of the person's Salesforce settings.
 */
import LOCALE from '@salesforce/i18n/locale';
import TIME_ZONE from '@salesforce/i18n/timeZone';
import LABEL_TODAY from '@salesforce/label/c.AR_Day_Today';
import LABEL_TOMORROW from '@salesforce/label/c.AR_Day_Tomorrow';
import LABEL_YESTERDAY from '@salesforce/label/c.AR_Day_Yesterday';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_LENGTH = 'YYYY-MM-DD'.length;
const WEEK = 7;

/** Today, as `YYYY-MM-DD`. */
export function today() {
    return dayOf(new Date());
}

/** The day of an instant (a Date or ISO text) in the person's time zone, as `YYYY-MM-DD`. */
export function dayOf(when) {
    const parts = new Intl.DateTimeFormat('en-CA', {
        timeZone: TIME_ZONE,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit'
    }).formatToParts(new Date(when));
    const found = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
    return `${found.year}-${found.month}-${found.day}`;
}

/** Whole days from one day to another; negative where `to` is earlier. */
export function daysBetween(from, to) {
    return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** The day that many days after another. */
export function plusDays(day, days) {
    return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** An amount in its currency; empty text for no amount. `whole` leaves out cents that are zero. */
export function money(amount, currency, { whole = false } = {}) {
    if (amount === null || amount === undefined || amount === '') {
        return '';
    }
    const value = Number(amount);
    const style = currency ? { style: 'currency', currency } : {};
    const digits = whole && Number.isInteger(value) ? { minimumFractionDigits: 0 } : {};
    return new Intl.NumberFormat(LOCALE, { ...style, ...digits }).format(value);
}

/** A number with the separators of the person's locale; `digits` after the point at most. */
export function count(value, digits = 0) {
    return value === null || value === undefined
        ? ''
        : new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits }).format(value);
}

/** A day as one says it: today, tomorrow, yesterday, Friday (within the next week), 12 Mar, 12 Mar 2025. */
export function dayInWords(day) {
    if (!day) {
        return '';
    }
    const now = today();
    const ahead = daysBetween(now, day);
    const near = { 0: LABEL_TODAY, 1: LABEL_TOMORROW, '-1': LABEL_YESTERDAY }[ahead];
    if (near) {
        return near;
    }
    if (ahead > 1 && ahead < WEEK) {
        return format(day, { weekday: 'long' });
    }
    const year = day.slice(0, 4) === now.slice(0, 4) ? {} : { year: 'numeric' };
    return format(day, { day: 'numeric', month: 'short', ...year });
}

/** A day in full, for hover texts and screen readers: Friday, 27 November 2026. */
export function dayInFull(day) {
    return day ? format(day, { dateStyle: 'full' }) : '';
}

/** How long ago an instant or a day was: 2 minutes ago, 3 hours ago, yesterday; in the person's language. */
export function ago(when) {
    if (!when) {
        return '';
    }
    const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
    const isDay = when.length === DAY_LENGTH;
    const days = daysBetween(isDay ? when : dayOf(when), today());
    if (isDay || days > 0) {
        return words.format(-days, 'day');
    }
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(when)) / MINUTE_MS));
    return minutes < 60
        ? words.format(-minutes, 'minute')
        : words.format(-Math.floor(minutes / 60), 'hour');
}

/** An instant as day and time in the person's time zone. */
export function instant(when) {
    return when
        ? new Intl.DateTimeFormat(LOCALE, {
              timeZone: TIME_ZONE,
              dateStyle: 'medium',
              timeStyle: 'short'
          }).format(new Date(when))
        : '';
}

/** A label with {0}, {1} … filled in. */
export function fill(label, ...values) {
    return label.replace(/\{(\d+)\}/g, (whole, index) => values[index] ?? '');
}

/** One of two labels, by number: `plural(1, '{0} invoice', '{0} invoices')`. */
export function plural(number, one, many) {
    return fill(number === 1 ? one : many, count(number));
}

function format(day, options) {
    return new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', ...options }).format(new Date(day));
}
