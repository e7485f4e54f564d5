// The little that the page does in the browser beyond htmx: it asks before what cannot be taken back lightly, keeps a
// form from being sent twice, and brings what went wrong into view. Everything works without it.
document.addEventListener('submit', (event) => {
    const form = event.target;
    const question = form.dataset.ask;
    if (question && !window.confirm(question)) {
        event.preventDefault();
        return;
    }
    if (form.method === 'post' && !form.hasAttribute('hx-post')) {
        if (form.dataset.sent) {
            event.preventDefault();
            return;
        }
        form.dataset.sent = '1';
        form.setAttribute('aria-busy', 'true');
    }
});

// A page that the browser brings back from its memory can be sent again.
window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) {
        delete form.dataset.sent;
        form.removeAttribute('aria-busy');
    }
});

document.querySelector('[data-focus]')?.focus();
