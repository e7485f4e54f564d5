/**
 * The buckets that invoices can be filtered by, and a filter in words. Values are those of AR_Invoice__c.Bucket__c.
 */
import LABEL_1_30 from '@salesforce/label/c.AR_Invoices_Bucket_1_30';
import LABEL_31_60 from '@salesforce/label/c.AR_Invoices_Bucket_31_60';
import LABEL_61_90 from '@salesforce/label/c.AR_Invoices_Bucket_61_90';
import LABEL_NOT_DUE from '@salesforce/label/c.AR_Invoices_Bucket_Not_Due';
import LABEL_OVER_90 from '@salesforce/label/c.AR_Invoices_Bucket_Over_90';
import LABEL_IN_CURRENCY from '@salesforce/label/c.AR_Invoices_Filter_Currency';
import LABEL_NUMBER from '@salesforce/label/c.AR_Invoices_Filter_Number';

export const BUCKETS = [
    { value: 'Not due', label: LABEL_NOT_DUE },
    { value: '1-30', label: LABEL_1_30 },
    { value: '31-60', label: LABEL_31_60 },
    { value: '61-90', label: LABEL_61_90 },
    { value: 'Over 90', label: LABEL_OVER_90 }
];

/** Nothing filtered: all open invoices. */
export const OPEN = Object.freeze({ isAll: false, bucket: null, currency: null, search: '' });

/** "1 to 30 days late, in EUR, number with “17”"; empty where nothing is filtered. */
export function filterInWords({ bucket, currency, search }) {
    const bucketLabel = BUCKETS.find(({ value }) => value === bucket)?.label ?? bucket;
    return [
        bucketLabel,
        currency && LABEL_IN_CURRENCY.replace('{0}', currency),
        search && LABEL_NUMBER.replace('{0}', search)
    ]
        .filter(Boolean)
        .join(', ');
}
