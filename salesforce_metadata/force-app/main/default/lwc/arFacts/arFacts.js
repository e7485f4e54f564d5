/**
 * Facts as a list of name and text: who is on it, last contact, next commitment. On a narrow page one below the other.
 */
import { LightningElement, api } from 'lwc';

export default class ArFacts extends LightningElement {
    /** `{ label, text, detail?, hint?, help?, isLate? }` each. */
    @api facts = [];

    get shown() {
        return this.facts.map((fact) => ({
            ...fact,
            look: fact.isLate ? 'text text_late' : 'text'
        }));
    }
}
