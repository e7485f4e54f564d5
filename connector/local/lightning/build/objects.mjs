// Compact layouts, page layouts and list views of every object as plain data, the package's own over the standard ones.
import path from 'node:path';
import { fieldOfColumn } from './columns.mjs';
import { filesBelow, metadataIn, PackageError, readXml } from './files.mjs';
import { STANDARD_LAYOUTS, STANDARD_LISTS } from './standard.mjs';

/** Object → {compact, sections, related, lists}. */
export function readLayouts(project) {
    const layouts = {};
    for (const object of project.objects.keys()) {
        const standard = STANDARD_LAYOUTS[object];
        const seen = standard
            ? standardLayout(project, object, standard)
            : packageLayout(project, object);
        layouts[object] = { ...seen, lists: readLists(project, object) };
    }
    return layouts;
}

function standardLayout(project, object, { compact, sections, related }) {
    const fields = project.objects.get(object);
    const known = (names) => names.filter((name) => fields.has(name));
    return {
        compact: known(compact),
        sections: sections.map((section) => {
            const names = known(section.fields.split(' '));
            return {
                label: section.label,
                columns: [names.filter(even), names.filter((_, n) => n % 2 === 1)]
            };
        }),
        related,
        actions: null
    };
}

const even = (_, number) => number % 2 === 0;

function packageLayout(project, object) {
    const folder = path.join(project.root, 'objects', object);
    const [compact] = filesBelow(
        path.join(folder, 'compactLayouts'),
        '.compactLayout-meta.xml'
    ).map(readXml);
    const [layout] = metadataIn(project.root, 'layouts', 'layout').filter((item) =>
        item.name.startsWith(`${object}-`)
    );
    return {
        compact: compact?.fields || ['Name'],
        sections: (layout?.xml.layoutSections || [])
            .map(readSection)
            .filter((section) => section.columns.length),
        related: (layout?.xml.relatedLists || []).map((list) =>
            relationshipOf(project, object, list.relatedList)
        ),
        actions: layout ? actionsOf(layout.xml) : null
    };
}

function readSection({ label, layoutColumns }) {
    const columns = (layoutColumns || []).map((column) =>
        (column.layoutItems || []).map((item) => item.field).filter(Boolean)
    );
    return { label, columns: columns.filter((fields) => fields.length) };
}

/** `AR_Payment__c.Invoice__c` (a lookup) → the relationship by which the parent knows those rows. */
function relationshipOf(project, object, relatedList) {
    const [child, field] = relatedList.split('.');
    if (!field) {
        return relatedList;
    }
    const file = path.join(project.root, 'objects', child, 'fields', `${field}.field-meta.xml`);
    return `${readXml(file).relationshipName}__r`;
}

function actionsOf(layout) {
    const items = [
        ...(layout.platformActionList?.platformActionListItems || []),
        ...(layout.quickActionList?.quickActionListItems || [])
    ];
    const names = items
        .map((item) => item.actionName || item.quickActionName)
        .filter((name) => name?.includes('.'));
    return names.length ? [...new Set(names)] : null;
}

function readLists(project, object) {
    const folder = path.join(project.root, 'objects', object, 'listViews');
    const lists = filesBelow(folder, '.listView-meta.xml').map((file) =>
        readList(object, file, readXml(file))
    );
    const all = STANDARD_LISTS[object];
    if (all && !lists.some((list) => list.name === 'All')) {
        const columns = all.columns.filter((name) => project.objects.get(object).has(name));
        lists.unshift({ name: 'All', label: all.label, columns, filters: [], scope: 'Everything' });
    }
    return lists;
}

function readList(object, file, xml) {
    const field = (column) => {
        const found = fieldOfColumn(object, column);
        if (!found) {
            throw new PackageError(`${file}: the local world does not know the column ${column}.`);
        }
        return found;
    };
    return {
        name: xml.fullName,
        label: xml.label,
        columns: [...new Set((xml.columns || []).map(field))],
        filters: (xml.filters || []).map((filter) => ({
            field: field(filter.field),
            operation: filter.operation,
            value: (filter.value || [])[0] ?? ''
        })),
        logic: xml.booleanFilter,
        scope: xml.filterScope
    };
}
