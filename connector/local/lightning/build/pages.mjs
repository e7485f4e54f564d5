// Everything the shell shows that is declared in the package: the app with its tabs, the page of each object, the
// utility bar, the quick actions. It becomes the module `platform/package`; the components it places become
// `platform/components`.
import { filesBelow, metadataIn, PackageError, readXml } from './files.mjs';
import { readFlexiPages } from './flexipages.mjs';
import { readLayouts } from './objects.mjs';
import path from 'node:path';

const PREFIX = '\0shell:';

/** What the shell has to know of the package. */
export function readPackage(project) {
    const pages = readFlexiPages(project);
    const apps = metadataIn(project.root, 'applications', 'app').map((item) =>
        readApp(item, pages)
    );
    return {
        apps,
        tabs: readTabs(project, pages),
        pages,
        recordPages: {
            ...defaultPages(pages),
            ...overrides(objectFiles(project)),
            ...overrides(apps)
        },
        actions: readActions(project),
        layouts: readLayouts(project),
        granted: project.granted
    };
}

function readApp({ name, xml }, pages) {
    const bar = pages[xml.utilityBar];
    return {
        name,
        label: xml.label,
        color: xml.brand?.headerColor,
        tabs: xml.tabs || [],
        utilities: bar ? Object.values(bar.regions).flat() : [],
        xml: undefined,
        overrides: [...(xml.actionOverrides || []), ...(xml.profileActionOverrides || [])].map(
            override
        )
    };
}

function objectFiles(project) {
    return [...project.objects.keys()].map((object) => {
        const [file] = filesBelow(
            path.join(project.root, 'objects', object),
            `${object}.object-meta.xml`
        );
        const xml = file ? readXml(file) : {};
        return {
            overrides: (xml.actionOverrides || []).map((each) =>
                override({ pageOrSobjectType: object, ...each })
            )
        };
    });
}

function override({ actionName, content, formFactor, pageOrSobjectType, type }) {
    return {
        action: actionName,
        page: content,
        formFactor: formFactor || 'Large',
        object: pageOrSobjectType,
        type
    };
}

/** Object → form factor → page name, of what assigns pages to the View action. */
function overrides(holders) {
    const assigned = {};
    const given = holders.flatMap((holder) => holder.overrides);
    for (const { action, page, formFactor, object, type } of given) {
        if (action === 'View' && type === 'Flexipage' && page) {
            assigned[object] = { ...assigned[object], [formFactor]: page };
        }
    }
    return assigned;
}

/** A page of an object that nothing assigns is that object's page as long as it is the only one. */
function defaultPages(pages) {
    const found = {};
    for (const page of Object.values(pages).filter((each) => each.type === 'RecordPage')) {
        found[page.object] = page.object in found ? found[page.object] : { Large: page.name };
    }
    return found;
}

function readTabs(project, pages) {
    return Object.fromEntries(
        metadataIn(project.root, 'tabs', 'tab').map(({ name, file, xml }) => {
            if (xml.customObject !== 'true' && !xml.flexiPage) {
                throw new PackageError(
                    `${file}: the local world knows tabs of objects and Lightning pages only.`
                );
            }
            const page = xml.flexiPage;
            const icon = /^Custom(\d+)/.exec(xml.motif || '');
            return [
                name,
                {
                    page,
                    label: xml.label || pages[page]?.label,
                    icon: icon && `custom:custom${icon[1]}`
                }
            ];
        })
    );
}

/** Quick actions by name (`Account.AR_Log_Call`). */
function readActions(project) {
    return Object.fromEntries(
        metadataIn(project.root, 'quickActions', 'quickAction').map(({ name, file, xml }) => [
            name,
            {
                name,
                object: name.split('.')[0],
                label: xml.label,
                type: xml.type,
                component: xml.lightningWebComponent,
                headless: xml.actionSubtype === 'Action',
                target: xml.targetObject,
                parentField: xml.targetParentField,
                told: xml.successMessage,
                fields: createFields(file, xml)
            }
        ])
    );
}

/** Of a declarative "create" action: its fields, and what they are filled with: a text, the time, the record's field. */
function createFields(file, { quickActionLayout, fieldOverrides, targetObject }) {
    const columns = quickActionLayout?.quickActionLayoutColumns || [];
    const items = columns.flatMap((column) => column.quickActionLayoutItems || []);
    return {
        shown: items
            .filter((item) => item.field)
            .map((item) => ({ name: item.field, required: item.uiBehavior === 'Required' })),
        preset: (fieldOverrides || []).map((item) => preset(file, targetObject, item))
    };
}

function preset(file, object, { field, formula, literalValue }) {
    if (formula === undefined) {
        return { field, literal: literalValue };
    }
    if (formula === 'NOW()' || formula === 'TODAY()') {
        return { field, moment: formula };
    }
    if (!/^\w+\.\w+$/.test(formula)) {
        throw new PackageError(
            `${file}: ${object}.${field} is filled by ${formula}, which the local world does not know.`
        );
    }
    return { field, source: formula };
}

/** Names of the package's components that pages, utility bars and actions place. */
function placed(declared) {
    const items = Object.values(declared.pages).flatMap((page) => [
        ...Object.values(page.regions).flat(),
        ...Object.values(page.facets).flat()
    ]);
    const names = items
        .map((item) => item.component)
        .filter((name) => !name.includes(':') && name !== 'field');
    const actions = Object.values(declared.actions).map((action) => action.component);
    return [...new Set([...names, ...actions.filter(Boolean)])].sort();
}

/**
 * Rollup plugin for `platform/package` and `platform/components`. With `draft`, components that are still missing are
 * left to the shell's placeholder; else they are an error.
 */
export function shellModules(project, { draft }) {
    const declared = readPackage(project);
    const names = placed(declared);
    const missing = names.filter((name) => !project.bundles.has(name));
    if (missing.length && !draft) {
        throw new PackageError(
            `Pages place components that are not in lwc/: ${missing.join(', ')}.`
        );
    }
    const present = names.filter((name) => project.bundles.has(name));
    const imports = present.map((name) => `import ${name} from 'c/${name}';`);
    const sources = {
        'platform/package': `export const declared = ${JSON.stringify(declared)};`,
        'platform/components': [
            ...imports,
            `export const components = { ${present.join(', ')} };`
        ].join('\n')
    };
    return {
        name: 'shell-modules',
        resolveId: (source) => (source in sources ? PREFIX + source : null),
        load: (id) => (id.startsWith(PREFIX) ? sources[id.slice(PREFIX.length)] : null)
    };
}
