// Toasts, as the platform shows them: errors stay until they are closed.
import { api, LightningElement } from 'lwc';

const SHOWN_MS = 5000;
const ICONS = {
    success: 'utility:success',
    error: 'utility:error',
    warning: 'utility:warning',
    info: 'utility:info'
};

export default class Toasts extends LightningElement {
    toasts = [];
    last = 0;

    @api
    show({ title, label, message = '', messageData = [], variant = 'info', mode = 'dismissible' }) {
        this.last += 1;
        const id = this.last;
        const toast = {
            id,
            title: title || label,
            parts: parts(message, messageData),
            ...look(variant)
        };
        this.toasts = [...this.toasts, toast].slice(-3);
        if (mode === 'pester' || (mode === 'dismissible' && variant !== 'error')) {
            // eslint-disable-next-line @lwc/lwc/no-async-operation -- a toast goes by itself
            setTimeout(() => this.close(id), SHOWN_MS);
        }
    }

    handleClose(event) {
        this.close(Number(event.currentTarget.dataset.id));
    }

    close(id) {
        this.toasts = this.toasts.filter((toast) => toast.id !== id);
    }
}

function look(variant) {
    const known = ICONS[variant] ? variant : 'info';
    return {
        icon: ICONS[known],
        css: `slds-notify slds-notify_toast slds-theme_${known}`,
        word: known
    };
}

/** `{0}` in a message stands for a text, or for {url, label}: a link. */
function parts(message, data) {
    return message
        .split(/(\{\d+\})/)
        .filter(Boolean)
        .map((text, key) => {
            const given = data[/^\{(\d+)\}$/.exec(text)?.[1]];
            return { key, text: given?.label ?? given ?? text, url: given?.url };
        });
}
