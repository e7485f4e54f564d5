// The package's Lightning pages as plain data that the shell can lay out: regions and facets of component instances.
import { XMLParser } from 'fast-xml-parser';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { metadataIn, PackageError } from './files.mjs';

const LABEL = /\{!\$Label\.(?:c\.)?(\w+)\}/g;
const OPERATORS = { EQUAL: 'is', NE: 'not' };
const CLIENT_RULE = '{!$Client.FormFactor}';
const attributes = new XMLParser({
    attributeNamePrefix: '',
    ignoreAttributes: false,
    isArray: (name) => name === 'property' || name === 'targetConfig'
});

/** Every page of the package by name. */
export function readFlexiPages(project) {
    return Object.fromEntries(
        metadataIn(project.root, 'flexipages', 'flexipage').map((item) => [
            item.name,
            readPage(project, item)
        ])
    );
}

function readPage(project, { name, file, xml }) {
    const regions = {};
    const facets = {};
    for (const region of xml.flexiPageRegions || []) {
        const items = (region.itemInstances || []).map((item) => readItem(project, file, item));
        (region.type === 'Facet' ? facets : regions)[region.name] = items;
    }
    return {
        name,
        label: xml.masterLabel,
        type: xml.type,
        object: xml.sobjectType,
        template: xml.template?.name,
        regions,
        facets
    };
}

function readItem(project, file, { componentInstance, fieldInstance }) {
    if (fieldInstance) {
        return { component: 'field', field: fieldInstance.fieldItem, properties: {} };
    }
    if (!componentInstance) {
        throw new PackageError(
            `${file}: an <itemInstances> holds neither a component nor a field.`
        );
    }
    const component = componentInstance.componentName.replace(/^c:/, '');
    const all = componentInstance.componentInstanceProperties || [];
    const values = (given) =>
        Object.fromEntries(given.map((each) => [each.name, propertyValue(project, file, each)]));
    const given = values(all.filter((each) => each.type !== 'decorator'));
    return {
        component,
        properties: component.includes(':') ? given : typed(project, component, given),
        decorator: values(all.filter((each) => each.type === 'decorator')), // of the utility bar around it
        shownOn: formFactorOf(file, componentInstance)
    };
}

/** The text of a property; of a list, each text with the form factors that it is for. */
function propertyValue(project, file, { name, value, valueList }) {
    const shown = ([text]) => String(text).replace(LABEL, (_, label) => labelOf(project, label));
    if (!valueList) {
        return value?.length ? shown(value) : undefined;
    }
    return (valueList.valueListItems || []).map((item) => ({
        text: shown(item.value),
        shownOn: formFactorOf(file, { componentName: name, ...item })
    }));
}

function labelOf(project, name) {
    if (!project.labels.has(name)) {
        throw new PackageError(
            `A page uses the label ${name}, which stands in no labels/*.labels-meta.xml.`
        );
    }
    return project.labels.get(name);
}

/** On which form factors something is shown: {is: 'Small'}, {not: 'Large'}, or undefined for all. */
function formFactorOf(file, { componentName, visibilityRule }) {
    if (!visibilityRule) {
        return undefined;
    }
    const [rule, ...more] = visibilityRule.criteria || [];
    if (more.length || rule?.leftValue !== CLIENT_RULE || !(rule.operator in OPERATORS)) {
        throw new PackageError(
            `${file}: the local world knows visibility rules on ${CLIENT_RULE} only; ${componentName} has another.`
        );
    }
    return { [OPERATORS[rule.operator]]: rule.rightValue };
}

/** Values of a component's design properties, in the types that its js-meta.xml declares, defaults filled in. */
function typed(project, component, given) {
    const values = {};
    for (const { name, type, default: standard } of designProperties(project, component)) {
        const text = given[name] ?? standard;
        if (text !== undefined) {
            values[name] = convert(type, text);
        }
    }
    const unknown = Object.keys(given).find((name) => !(name in values));
    if (unknown && project.bundles.has(component)) {
        throw new PackageError(
            `${component}.js-meta.xml declares no property ${unknown}, which a page sets.`
        );
    }
    return values;
}

function designProperties(project, component) {
    const meta = path.join(project.root, 'lwc', component, `${component}.js-meta.xml`);
    if (!existsSync(meta)) {
        return [];
    }
    const bundle = attributes.parse(readFileSync(meta, 'utf8')).LightningComponentBundle;
    return (bundle.targetConfigs?.targetConfig || []).flatMap((config) => config.property || []);
}

function convert(type, text) {
    if (type === 'Integer') {
        return Number(text);
    }
    return type === 'Boolean' ? String(text) === 'true' : String(text);
}
