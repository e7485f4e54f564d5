import { api, LightningElement } from 'lwc';

/** A table of cells (platform/fields). With `sortable`, clicking a head asks for that order. */
export default class Table extends LightningElement {
    @api heads = [];
    @api rows = [];
    @api sortable = false;

    get isEmpty() {
        return this.rows.length === 0;
    }

    /** A head stands where the values of its column do. */
    get aligned() {
        const [row] = this.rows;
        return this.heads.map((head) => ({
            ...head,
            css: row?.cells.find(({ name }) => name === head.name)?.css
        }));
    }

    handleSort(event) {
        this.dispatchEvent(
            new CustomEvent('sort', { detail: { name: event.currentTarget.dataset.name } })
        );
    }
}
