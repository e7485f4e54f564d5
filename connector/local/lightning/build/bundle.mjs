// The compilation itself: the package's components, our shims and shell, and the base components, into one module.
//
// One, because the base components import their icon templates and parsers dynamically and a page served from this
// machine gains nothing by pieces. The base components expect Salesforce's synthetic shadow and two variables that its
// own build replaces. Their thousands of icon templates are left out: the icons come from the design system's sprites
// (modules/lightning/primitiveIcon).
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import lwc from '@lwc/rollup-plugin';
import replace from '@rollup/plugin-replace';
import { rollup } from 'rollup';
import { PackageError } from './files.mjs';
import { BASE_COMPONENTS, INSTALLED } from './installed.mjs';
import { shellModules } from './pages.mjs';
import { scopedModules } from './scoped.mjs';

export const MODULES = fileURLToPath(new URL('../modules', import.meta.url));
const ENGINE = [
    { name: 'lwc', path: path.join(INSTALLED, '@lwc/engine-dom/dist/index.js') },
    {
        name: '@lwc/synthetic-shadow',
        path: path.join(INSTALLED, '@lwc/synthetic-shadow/dist/index.js')
    },
    { name: '@lwc/wire-service', path: path.join(INSTALLED, '@lwc/wire-service/dist/index.js') }
];
const BASE = 'base/'; // how a shim names the base component that it stands in front of
const MISSING = '\0missing-component';
const ICON_TEMPLATES = /^lightning\/iconSvgTemplates/;

/** Compile into `folder`; the names of the files written. */
export async function bundle(project, folder, { draft, mode }) {
    const bundled = await rollup({
        input: { app: path.join(MODULES, 'app.js') },
        plugins: plugins(project, { draft, mode }),
        onwarn: refuse
    });
    try {
        const { output } = await bundled.write({
            dir: folder,
            format: 'es',
            inlineDynamicImports: true,
            entryFileNames: '[name]-[hash].js'
        });
        return output.map((file) => file.fileName);
    } finally {
        await bundled.close();
    }
}

function plugins(project, { draft, mode }) {
    return [
        scopedModules(project, { draft }),
        shellModules(project, { draft }),
        baseComponents(project),
        replace({
            preventAssignment: true,
            values: {
                'process.env.NODE_ENV': JSON.stringify(mode),
                'import.meta.env.SSR': 'false'
            }
        }),
        lwc({
            rootDir: MODULES,
            modules: [
                { dir: MODULES },
                ...[...project.bundles].map(([name, entry]) => ({
                    name: `c/${name}`,
                    path: entry
                })),
                { dir: path.join(BASE_COMPONENTS, 'src') },
                ...ENGINE
            ],
            defaultModules: [], // else they would be looked for beside the package that is compiled
            enableDynamicComponents: true,
            enableLwcOn: true,
            enableSyntheticElementInternals: true
        }),
        unresolved({ draft })
    ];
}

/** `base/x` is the base component that our `lightning/x` hides. A package may use those only that are for everybody. */
function baseComponents(project) {
    const exposed = new Set(
        JSON.parse(readFileSync(path.join(BASE_COMPONENTS, 'package.json'))).lwc.expose
    );
    return {
        name: 'base-components',
        resolveId(id, importer) {
            if (importer?.startsWith(project.root) && id.startsWith('lightning/')) {
                const ours = existsSync(path.join(MODULES, id));
                if (!ours && !exposed.has(id)) {
                    throw new PackageError(
                        `${importer} imports ${id}, which the local world does not have.`
                    );
                }
            }
            if (id.startsWith(BASE)) {
                const name = id.slice(BASE.length);
                return path.join(BASE_COMPONENTS, 'src/lightning', name, `${name}.js`);
            }
            return ICON_TEMPLATES.test(id) ? '\0no-icon-templates' : null;
        },
        load: (id) => (id === '\0no-icon-templates' ? 'export default {};' : null)
    };
}

/** Whatever nobody resolved is named, with who asked for it. A draft shows a placeholder for a missing component. */
function unresolved({ draft }) {
    return {
        name: 'unresolved',
        load: (id) => (id === MISSING ? "export { default } from 'shell/placeholder';" : null),
        resolveId(source, importer) {
            if (draft && source.startsWith('c/')) {
                return MISSING;
            }
            if (importer && !source.startsWith('\0') && !path.isAbsolute(source)) {
                throw new PackageError(
                    `${importer} imports ${source}, which the local world does not have.`
                );
            }
            return null;
        }
    };
}

// The base components contain some circular imports, and use features that the compiler merely remarks upon.
const HARMLESS = new Set(['CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED', 'INVALID_ANNOTATION']);

function refuse(warning) {
    const theirs =
        warning.loc?.file?.includes('node_modules') || warning.id?.includes('node_modules');
    if (HARMLESS.has(warning.code) || theirs) {
        return;
    }
    throw new PackageError(`${warning.loc?.file || warning.id || ''} ${warning.message}`.trim());
}
