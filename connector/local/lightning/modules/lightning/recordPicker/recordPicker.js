// A lookup: search as you type by GraphQL, a pill for what is chosen. Built on the base components' own combobox.
import { api, LightningElement } from 'lwc';
import { execute, gql } from 'lightning/graphql';
import { iconOf } from 'platform/fields';
import { literal } from 'platform/literal';
import { declared } from 'platform/package';

const WAIT_MS = 200;
const FOUND_AT_MOST = 10;

export default class RecordPicker extends LightningElement {
    @api label;
    @api placeholder = 'Search...';
    @api objectApiName;
    @api filter;
    @api displayInfo;
    @api matchingInfo;
    @api required = false;
    @api disabled = false;
    @api variant;
    @api fieldLevelHelp;
    @api messageWhenBadInput = 'Select an option or remove the search term.';

    items = [];
    pill;
    text = '';
    searching = false;

    @api
    get value() {
        return this.chosen;
    }
    set value(recordId) {
        this.chosen = recordId || null;
        this.pill = undefined;
        if (recordId) {
            this.showChosen(recordId);
        }
    }

    get combobox() {
        return this.template.querySelector('lightning-grouped-combobox');
    }

    get inputPill() {
        return this.pill;
    }

    get primaryField() {
        return this.displayInfo?.primaryField || 'Name';
    }

    get shownFields() {
        return [
            ...new Set([
                this.primaryField,
                ...(this.displayInfo?.additionalFields || []).slice(0, 1)
            ])
        ];
    }

    @api
    get validity() {
        return this.combobox.validity;
    }

    @api
    checkValidity() {
        this.judgeText();
        return this.combobox.checkValidity();
    }

    @api
    reportValidity() {
        this.judgeText();
        return this.combobox.reportValidity();
    }

    @api
    setCustomValidity(message) {
        this.ownMessage = message;
        this.combobox.setCustomValidity(message);
    }

    @api
    clearSelection() {
        this.choose(null);
    }

    @api
    focus() {
        this.combobox.focus();
    }

    @api
    blur() {
        this.combobox.blur();
    }

    /** Text that was typed and led to nothing is no answer. */
    judgeText() {
        const unfinished = this.text && !this.chosen ? this.messageWhenBadInput : '';
        this.combobox.setCustomValidity(this.ownMessage || unfinished);
    }

    handleText(event) {
        this.text = event.detail.text;
        clearTimeout(this.waiting);
        // eslint-disable-next-line @lwc/lwc/no-async-operation -- typing settles before the org is asked
        this.waiting = setTimeout(() => this.search(), WAIT_MS);
    }

    handleOpen() {
        if (!this.items.length) {
            this.search();
        }
    }

    handleSelect(event) {
        const found = this.items.find((item) => item.value === event.detail.value);
        this.choose(found);
    }

    handlePillRemove() {
        this.choose(null);
    }

    choose(item) {
        this.chosen = item ? item.value : null;
        this.pill = item ? { label: item.text, iconName: item.iconName } : undefined;
        this.text = '';
        this.items = [];
        this.dispatchEvent(new CustomEvent('change', { detail: { recordId: this.chosen } }));
        if (!item) {
            this.combobox.inputText = '';
        }
    }

    async search() {
        const wanted = this.text;
        this.searching = true;
        const found = await this.ask(this.where(wanted), FOUND_AT_MOST);
        if (wanted === this.text) {
            this.searching = false;
            this.items = found;
        }
    }

    async showChosen(recordId) {
        const [item] = await this.ask({ Id: { eq: recordId } }, 1);
        if (item && this.chosen === recordId) {
            this.pill = { label: item.text, iconName: item.iconName };
        }
    }

    where(text) {
        const like = (field) => nested(field, { like: `%${text}%` });
        const matching = [this.matchingInfo?.primaryField?.fieldPath || this.primaryField].concat(
            (this.matchingInfo?.additionalFields || []).map((each) => each.fieldPath)
        );
        const parts = text ? [{ or: matching.map(like) }] : [];
        return { and: [...parts, ...this.filterParts()] };
    }

    filterParts() {
        const { criteria = [], filterLogic } = this.filter || {};
        if (filterLogic && !/^[\d\s()AND]+$/i.test(filterLogic)) {
            throw new Error(
                `record-picker: the local world knows filters joined by AND only, not ${filterLogic}.`
            );
        }
        return criteria.map(({ fieldPath, operator, value }) =>
            nested(fieldPath, { [operator]: value })
        );
    }

    async ask(where, first) {
        const given = where.and?.length === 0 ? '' : `where: ${literal(where)}, `;
        const fields = this.shownFields.map(selection).join(' ');
        const object = this.objectApiName;
        const query = gql`query pick { uiapi { query { ${object}(${given}first: ${first}) {
            edges { node { Id ${fields} } } } } } }`;
        const { data, errors } = await execute({ query });
        if (errors) {
            this.dispatchEvent(new CustomEvent('error', { detail: { error: errors } }));
            return [];
        }
        return data.uiapi.query[object].edges.map(({ node }) => this.item(node));
    }

    item(node) {
        const [text, subText] = this.shownFields.map((field) => valueAt(node, field));
        const iconName = iconOf(this.objectApiName, declared.tabs);
        return { type: 'option-card', value: node.Id, text: String(text ?? ''), subText, iconName };
    }
}

/** `A.B` → {A: {B: operation}} */
function nested(path, operation) {
    return path.split('.').reduceRight((inner, step) => ({ [step]: inner }), operation);
}

/** `A.B` → `A { B { value } }` */
function selection(path) {
    return path
        .split('.')
        .reduceRight((inner, step) => (inner ? `${step} { ${inner} }` : `${step} { value }`), '');
}

function valueAt(node, path) {
    return path.split('.').reduce((at, step) => at?.[step], node)?.value ?? undefined;
}
