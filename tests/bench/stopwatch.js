// Put into a page before its own scripts: when the rows of its list stood there and answered a click, what pressing
// something took, and what kept the main thread busy meanwhile. Times are the page's own, in milliseconds.
(() => {
    const every = Document.prototype.querySelectorAll; // as it was before the synthetic shadow hides what is inside
    const ROWS = 'c-ar-invoices c-ar-invoice-rows input[type=checkbox]';
    const ANSWER = 'c-ar-invoices c-ar-actions';
    const QUIET = 2000;
    const tasks = []; // longer than 50 ms: what browsers call a long task

    const found = (selector) => every.call(document, selector);
    const frame = () => new Promise(requestAnimationFrame);
    const free = () => new Promise((resolve) => setTimeout(resolve));

    /** What the next frame shows is painted when a task can run after it. */
    async function painted() {
        await frame();
        await free();
        return performance.now();
    }

    /** A row is clicked as soon as the thread is free; what that brings is on the screen at `answered`. */
    async function opened(rows) {
        while (found(ROWS).length < rows) {
            await frame();
        }
        const shown = performance.now();
        await free();
        found(ROWS)[0].click();
        while (!found(ANSWER).length) {
            await frame();
        }
        return { shown, answered: await painted() };
    }

    /** When the last of the long tasks ended before nothing was done for a while; 0 without any. */
    async function calm(since) {
        const last = () => Math.max(0, ...tasks.map(({ end }) => end));
        while (performance.now() - Math.max(since, last()) < QUIET) {
            await frame();
        }
        return last();
    }

    /** Press something and wait until so many rows stand there; what it took, and the longest task of it (0: none). */
    async function press(element, rows) {
        const began = performance.now();
        element.click();
        while (found(ROWS).length < rows) {
            await frame();
        }
        const took = (await painted()) - began;
        await calm(performance.now());
        return { took, longest: longestSince(began) };
    }

    function longestSince(began) {
        return Math.max(0, ...tasks.map(({ end, lasted }) => (end > began ? lasted : 0)));
    }

    new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) {
            tasks.push({ end: startTime + duration, lasted: duration });
        }
    }).observe({ type: 'longtask', buffered: true });

    window.stopwatch = { opened, calm, press, longestSince };
})();
