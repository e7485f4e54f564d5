// The design system's style sheet with the pictures it names, and its icon sprites, beside the compiled module: pages ask
// nobody else.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DESIGN_SYSTEM } from './installed.mjs';

const STYLES = 'assets/styles/salesforce-lightning-design-system.min.css';
const SPRITES = ['action', 'custom', 'doctype', 'standard', 'utility'].map(
    (kind) => `assets/icons/${kind}-sprite/svg/symbols.svg`
);

/** Copy into `folder`; the path of the style sheet in it. */
export function copyAssets(folder) {
    for (const file of [STYLES, ...SPRITES, ...pictures(path.join(DESIGN_SYSTEM, STYLES))]) {
        mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
        cpSync(path.join(DESIGN_SYSTEM, file), path.join(folder, file));
    }
    return STYLES;
}

/** What the style sheet refers to by relative paths. */
function pictures(styles) {
    const named = readFileSync(styles, 'utf8').matchAll(/url\(\.\.\/(images\/[^)]+)\)/g);
    return [...new Set([...named].map((found) => `assets/${found[1]}`))];
}
