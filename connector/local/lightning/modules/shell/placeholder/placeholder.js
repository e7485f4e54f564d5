import { api, LightningElement } from 'lwc';

/** Stands for a component that the platform has and the local world has not, or that is still to be written. */
export default class Placeholder extends LightningElement {
    @api name;
}
