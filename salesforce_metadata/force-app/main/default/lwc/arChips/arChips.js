import { LightningElement, api } from 'lwc';

/** Buttons that filter. Fires `pick` with the value of the button that was pressed; its owner decides what that means. */
export default class ArChips extends LightningElement {
    /** What is filtered, for those who do not see the row. */
    @api label;
    /** `[{ value, label }]` */
    @api options = [];
    /** The values that are chosen. */
    @api selected = [];

    get chips() {
        return this.options.map(({ value, label }) => {
            const isPressed = this.selected.includes(value);
            return {
                value,
                label,
                isPressed,
                pressed: String(isPressed),
                classes: isPressed ? 'chip pressed' : 'chip'
            };
        });
    }

    handlePick(event) {
        const { value } = event.currentTarget.dataset;
        this.dispatchEvent(new CustomEvent('pick', { detail: { value } }));
    }
}
