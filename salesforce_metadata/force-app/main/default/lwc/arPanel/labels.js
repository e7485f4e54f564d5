/** The texts of the figures and facts, by what they say. */
import AMOUNT_BY from '@salesforce/label/c.AR_Panel_Amount_By';
import AS_OF from '@salesforce/label/c.AR_Panel_As_Of';
import AS_OF_UNKNOWN from '@salesforce/label/c.AR_Panel_As_Of_Unknown';
import BY_WHEN from '@salesforce/label/c.AR_Panel_By_When';
import COLLECTED from '@salesforce/label/c.AR_Panel_Collected';
import COLLECTED_HELP from '@salesforce/label/c.AR_Panel_Collected_Help';
import CONTACT_CALL from '@salesforce/label/c.AR_Panel_Contact_Call';
import CONTACT_EMAIL from '@salesforce/label/c.AR_Panel_Contact_Email';
import CONTACT_FINAL_NOTICE from '@salesforce/label/c.AR_Panel_Contact_Final_Notice';
import CREDIT from '@salesforce/label/c.AR_Panel_Credit';
import CREDIT_HELP from '@salesforce/label/c.AR_Panel_Credit_Help';
import DAY from '@salesforce/label/c.AR_Panel_Day';
import DAYS from '@salesforce/label/c.AR_Panel_Days';
import DAYS_1_30 from '@salesforce/label/c.AR_Panel_Days_1_30';
import DAYS_31_60 from '@salesforce/label/c.AR_Panel_Days_31_60';
import DAYS_61_90 from '@salesforce/label/c.AR_Panel_Days_61_90';
import DAYS_OVER_90 from '@salesforce/label/c.AR_Panel_Days_Over_90';
import DAYS_LATE from '@salesforce/label/c.AR_Panel_Days_Late';
import DAYS_LATE_HELP from '@salesforce/label/c.AR_Panel_Days_Late_Help';
import DISPUTE from '@salesforce/label/c.AR_Panel_Dispute';
import DISPUTES from '@salesforce/label/c.AR_Panel_Disputes';
import DSO_COUNT_BACK from '@salesforce/label/c.AR_Panel_DSO_Count_Back';
import DSO_COUNT_BACK_HELP from '@salesforce/label/c.AR_Panel_DSO_Count_Back_Help';
import DSO_RATIO from '@salesforce/label/c.AR_Panel_DSO_Ratio';
import DSO_RATIO_HELP from '@salesforce/label/c.AR_Panel_DSO_Ratio_Help';
import FINAL_NOTICE from '@salesforce/label/c.AR_Panel_Final_Notice';
import FINAL_NOTICE_SENT from '@salesforce/label/c.AR_Panel_Final_Notice_Sent';
import IN_CURRENCY from '@salesforce/label/c.AR_Panel_In_Currency';
import INVOICE from '@salesforce/label/c.AR_Panel_Invoice';
import INVOICES from '@salesforce/label/c.AR_Panel_Invoices';
import LAST_COMMITMENT from '@salesforce/label/c.AR_Panel_Last_Commitment';
import LAST_CONTACT from '@salesforce/label/c.AR_Panel_Last_Contact';
import LAST_DUNNING from '@salesforce/label/c.AR_Panel_Last_Dunning';
import LAST_PAYMENT from '@salesforce/label/c.AR_Panel_Last_Payment';
import NEXT_COMMITMENT from '@salesforce/label/c.AR_Panel_Next_Commitment';
import NO_CONTACT from '@salesforce/label/c.AR_Panel_No_Contact';
import NO_PAYMENT from '@salesforce/label/c.AR_Panel_No_Payment';
import NOBODY_YET from '@salesforce/label/c.AR_Panel_Nobody_Yet';
import NOT_DUE from '@salesforce/label/c.AR_Panel_Not_Due';
import NOT_KNOWN from '@salesforce/label/c.AR_Panel_Not_Known';
import ON_HOLD from '@salesforce/label/c.AR_Panel_On_Hold';
import ON_HOLD_HELP from '@salesforce/label/c.AR_Panel_On_Hold_Help';
import OPEN_DISPUTES from '@salesforce/label/c.AR_Panel_Open_Disputes';
import ORIGINAL from '@salesforce/label/c.AR_Panel_Original';
import OUTSTANDING from '@salesforce/label/c.AR_Panel_Outstanding';
import OVERDUE from '@salesforce/label/c.AR_Panel_Overdue_Amount';
import REMINDERS from '@salesforce/label/c.AR_Panel_Reminders';
import SLA_BREACH from '@salesforce/label/c.AR_Panel_SLA_Breach';
import SLA_BREACHES from '@salesforce/label/c.AR_Panel_SLA_Breaches';
import SOMEBODY from '@salesforce/label/c.AR_Panel_Somebody';
import STALE from '@salesforce/label/c.AR_Panel_Stale';
import STALE_PROBLEM from '@salesforce/label/c.AR_Panel_Stale_Problem';
import STATE_BROKEN from '@salesforce/label/c.AR_Panel_State_Broken';
import STATE_DAY_PASSED from '@salesforce/label/c.AR_Panel_State_Day_Passed';
import STATE_OPEN from '@salesforce/label/c.AR_Panel_State_Open';
import STATE_PAID_SO_FAR from '@salesforce/label/c.AR_Panel_State_Paid_So_Far';
import STATE_PARTLY_KEPT from '@salesforce/label/c.AR_Panel_State_Partly_Kept';
import UNASSIGNED_MANY from '@salesforce/label/c.AR_Panel_Unassigned_Many';
import UNASSIGNED_ONE from '@salesforce/label/c.AR_Panel_Unassigned_One';
import WRITTEN_OFF from '@salesforce/label/c.AR_Panel_Written_Off';
import WRITTEN_OFF_HELP from '@salesforce/label/c.AR_Panel_Written_Off_Help';
import YOU from '@salesforce/label/c.AR_Panel_You';

export {
    AMOUNT_BY,
    AS_OF,
    AS_OF_UNKNOWN,
    BY_WHEN,
    COLLECTED,
    COLLECTED_HELP,
    CONTACT_CALL,
    CONTACT_EMAIL,
    CONTACT_FINAL_NOTICE,
    CREDIT,
    CREDIT_HELP,
    DAY,
    DAYS,
    DAYS_1_30,
    DAYS_31_60,
    DAYS_61_90,
    DAYS_OVER_90,
    DAYS_LATE,
    DAYS_LATE_HELP,
    DISPUTE,
    DISPUTES,
    DSO_COUNT_BACK,
    DSO_COUNT_BACK_HELP,
    DSO_RATIO,
    DSO_RATIO_HELP,
    FINAL_NOTICE,
    FINAL_NOTICE_SENT,
    IN_CURRENCY,
    INVOICE,
    INVOICES,
    LAST_COMMITMENT,
    LAST_CONTACT,
    LAST_DUNNING,
    LAST_PAYMENT,
    NEXT_COMMITMENT,
    NO_CONTACT,
    NO_PAYMENT,
    NOBODY_YET,
    NOT_DUE,
    NOT_KNOWN,
    ON_HOLD,
    ON_HOLD_HELP,
    OPEN_DISPUTES,
    ORIGINAL,
    OUTSTANDING,
    OVERDUE,
    REMINDERS,
    SLA_BREACH,
    SLA_BREACHES,
    SOMEBODY,
    STALE,
    STALE_PROBLEM,
    STATE_BROKEN,
    STATE_DAY_PASSED,
    STATE_OPEN,
    STATE_PAID_SO_FAR,
    STATE_PARTLY_KEPT,
    UNASSIGNED_MANY,
    UNASSIGNED_ONE,
    WRITTEN_OFF,
    WRITTEN_OFF_HELP,
    YOU
};
