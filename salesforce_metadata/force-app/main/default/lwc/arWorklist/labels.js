/** Texts that the template shows as they are. */
import ACCOUNTS from '@salesforce/label/c.AR_Worklist_Accounts';
import ALL from '@salesforce/label/c.AR_Worklist_All';
import AS_OF from '@salesforce/label/c.AR_Worklist_As_Of';
import BROKEN_NONE from '@salesforce/label/c.AR_Worklist_Broken_None';
import COMING_NONE from '@salesforce/label/c.AR_Worklist_Coming_None';
import HIDDEN from '@salesforce/label/c.AR_Worklist_Hidden';
import LOADING from '@salesforce/label/c.AR_Form_Loading';
import MINE from '@salesforce/label/c.AR_Worklist_Mine';
import OLD from '@salesforce/label/c.AR_Worklist_Old';
import PIPELINE from '@salesforce/label/c.AR_Worklist_Pipeline';
import REFRESH from '@salesforce/label/c.AR_Worklist_Refresh';
import RETRY from '@salesforce/label/c.AR_Worklist_Retry';
import SHOW_ALL from '@salesforce/label/c.AR_Worklist_Show_All';
import STALE from '@salesforce/label/c.AR_Worklist_Stale';
import TAB_BROKEN from '@salesforce/label/c.AR_Worklist_Tab_Broken';
import TAB_COMING from '@salesforce/label/c.AR_Worklist_Tab_Coming';
import TAB_TASKS from '@salesforce/label/c.AR_Worklist_Tab_Tasks';
import TAB_TO_DO from '@salesforce/label/c.AR_Worklist_Tab_To_Do';
import TASKS_NONE from '@salesforce/label/c.AR_Worklist_Tasks_None';
import TITLE from '@salesforce/label/c.AR_Worklist_Title';

export const labels = {
    ACCOUNTS,
    ALL,
    AS_OF,
    BROKEN_NONE,
    COMING_NONE,
    HIDDEN,
    LOADING,
    MINE,
    OLD,
    PIPELINE,
    REFRESH,
    RETRY,
    SHOW_ALL,
    STALE,
    TAB_BROKEN,
    TAB_COMING,
    TAB_TASKS,
    TAB_TO_DO,
    TASKS_NONE,
    TITLE
};
