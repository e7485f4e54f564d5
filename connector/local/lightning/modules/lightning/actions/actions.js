// How a quick action asks for its screen to be closed (shell/actionHost listens).

export const CLOSE_ACTION = 'lightning__actionsclosescreen';

export class CloseActionScreenEvent extends CustomEvent {
    constructor(options) {
        super(CLOSE_ACTION, { composed: true, cancelable: true, bubbles: true, ...options });
    }
}
