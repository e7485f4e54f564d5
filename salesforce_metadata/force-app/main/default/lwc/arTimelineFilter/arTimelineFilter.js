import { LightningElement, api } from 'lwc';
import LABEL_ALL_SYSTEMS from '@salesforce/label/c.AR_Timeline_All_Systems';
import LABEL_ANY_TIME from '@salesforce/label/c.AR_Timeline_Any_Time';
import LABEL_CLEAR from '@salesforce/label/c.AR_Timeline_Clear';
import LABEL_FILTER from '@salesforce/label/c.AR_Timeline_Filter';
import LABEL_KINDS from '@salesforce/label/c.AR_Timeline_Kinds';
import LABEL_LAST_DAYS from '@salesforce/label/c.AR_Timeline_Last_Days';
import LABEL_SHOWING from '@salesforce/label/c.AR_Timeline_Showing';
import LABEL_SYSTEM from '@salesforce/label/c.AR_Timeline_System';
import LABEL_WHEN from '@salesforce/label/c.AR_Timeline_When';
import LABEL_WHO from '@salesforce/label/c.AR_Timeline_Who';
import { fill } from 'c/arWords';

const TYPING_MS = 300;
const DAYS = [7, 30, 90];
const HERE = 'Salesforce';

/** Which entries to show. Fires `filter` with what is to change of the filter, and `clear`. */
export default class ArTimelineFilter extends LightningElement {
    /** `{ kinds, who, days, system }` */
    @api filter;
    /** `[{ value, label }]` */
    @api kinds = [];
    /** Names of the systems that entries came from so far. */
    @api systems = [];
    @api isFiltered = false;

    isOpen = false;
    whens = [
        { value: '0', label: LABEL_ANY_TIME },
        ...DAYS.map((days) => ({ value: String(days), label: fill(LABEL_LAST_DAYS, days) }))
    ];
    labels = {
        clear: LABEL_CLEAR,
        filter: LABEL_FILTER,
        kinds: LABEL_KINDS,
        system: LABEL_SYSTEM,
        when: LABEL_WHEN,
        who: LABEL_WHO
    };

    _typing;

    disconnectedCallback() {
        clearTimeout(this._typing);
    }

    get toggleState() {
        return String(this.isOpen);
    }

    get systemOptions() {
        const names = new Set([HERE, ...this.systems]);
        const options = [...names].map((name) => ({ value: name, label: name }));
        return [{ value: '', label: LABEL_ALL_SYSTEMS }, ...options];
    }

    get days() {
        return String(this.filter.days);
    }

    /** "Shown: Call, Note, Ada, Last 7 days.", to be read while the panel is closed. */
    get summary() {
        const { kinds, who, system } = this.filter;
        const kindLabels = this.kinds.filter(({ value }) => kinds.includes(value));
        const when = this.whens.find(({ value }) => value !== '0' && value === this.days);
        const parts = [...kindLabels, { label: who }, when ?? {}, { label: system }];
        const words = parts.map(({ label }) => label).filter(Boolean);
        return fill(LABEL_SHOWING, words.join(', '));
    }

    handleToggle() {
        this.isOpen = !this.isOpen;
    }

    handleKind({ detail: { value } }) {
        const { kinds } = this.filter;
        const isChosen = kinds.includes(value);
        this.tell({ kinds: isChosen ? kinds.filter((one) => one !== value) : [...kinds, value] });
    }

    handleWho({ detail: { value } }) {
        clearTimeout(this._typing);
        // One request for a name that is typed, not one for each of its letters.
        // eslint-disable-next-line @lwc/lwc/no-async-operation
        this._typing = setTimeout(() => this.tell({ who: value.trim() }), TYPING_MS);
    }

    handleWhen({ detail: { value } }) {
        this.tell({ days: Number(value) });
    }

    handleSystem({ detail: { value } }) {
        this.tell({ system: value });
    }

    handleClear() {
        this.dispatchEvent(new CustomEvent('clear'));
    }

    tell(detail) {
        this.dispatchEvent(new CustomEvent('filter', { detail }));
    }
}
