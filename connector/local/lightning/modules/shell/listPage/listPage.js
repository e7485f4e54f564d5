// The records of an object by one of its list views, with search by name. A view's filters become a GraphQL condition.
import { api, LightningElement, wire } from 'lwc';
import { gql, graphql } from 'lightning/graphql';
import { getObjectInfo } from 'lightning/uiObjectInfoApi';
import { iconOf, labelOf, nameFieldOf, nodeCell, nodeFields } from 'platform/fields';
import { whereOf } from 'platform/filters';
import { literal, word } from 'platform/literal';
import { declared } from 'platform/package';

const PAGE = 50;
const WAIT_MS = 250;

export default class ListPage extends LightningElement {
    @api objectApiName;

    chosen;
    text = '';
    sort;
    pages = 1;

    @wire(getObjectInfo, { objectApiName: '$objectApiName' })
    info;

    @wire(graphql, { query: '$query' })
    result;

    get lists() {
        return declared.layouts[this.objectApiName]?.lists || [];
    }

    get list() {
        const named = (name) => this.lists.find((each) => each.name === name);
        return (
            named(this.chosen) ||
            named('All') ||
            this.lists[0] || { label: '', columns: ['Name'], filters: [] }
        );
    }

    get options() {
        return this.lists.map((list) => ({ label: list.label, value: list.name }));
    }

    get columns() {
        return this.list.columns.filter((name) => this.info.data.fields[name]);
    }

    get order() {
        return this.sort || { name: this.columns[0], order: 'ASC' };
    }

    get query() {
        return this.info?.data
            ? gql`
                  ${this.document}
              `
            : undefined;
    }

    get document() {
        const { apiName, nameFields, fields } = this.info.data;
        const nameField = nameFieldOf(nameFields);
        const where = whereOf(
            this.list,
            fields,
            this.text && { [nameField]: { like: `%${this.text}%` } }
        );
        const given = [
            where && `where: ${literal(where)}`,
            this.list.scope === 'Mine' && 'scope: MINE',
            `orderBy: ${literal({ [this.order.name]: { order: word(this.order.order) } })}`,
            `first: ${PAGE * this.pages}`
        ];
        return `query list { uiapi { query { ${apiName}(${given.filter(Boolean).join(', ')}) {
            edges { node { Id ${nodeFields(this.info.data, this.columns)} } }
            pageInfo { hasNextPage } totalCount } } } }`;
    }

    get found() {
        return this.result?.data?.uiapi.query[this.objectApiName];
    }

    get problem() {
        const refused = this.info?.error && [].concat(this.info.error.body);
        return (refused || this.result?.errors)?.map((each) => each.message).join(' ');
    }

    get title() {
        return this.info?.data?.labelPlural || this.objectApiName;
    }

    get count() {
        return this.found
            ? `${this.found.totalCount} item${this.found.totalCount === 1 ? '' : 's'}`
            : '';
    }

    get icon() {
        return iconOf(this.objectApiName, declared.tabs);
    }

    get heads() {
        return this.columns.map((name) => {
            const current = name === this.order.name && this.order.order;
            return {
                name,
                label: labelOf(this.info.data.fields[name]),
                order: current ? { ASC: 'ascending', DESC: 'descending' }[current] : null,
                arrow: current && { ASC: 'utility:arrowup', DESC: 'utility:arrowdown' }[current]
            };
        });
    }

    get rows() {
        return this.found.edges.map(({ node }) => ({
            id: node.Id,
            cells: this.columns.map((name) => nodeCell(this.info.data, node, name))
        }));
    }

    get hasMore() {
        return this.found?.pageInfo.hasNextPage;
    }

    handleList(event) {
        this.chosen = event.detail.value;
        this.sort = undefined;
        this.pages = 1;
    }

    handleSearch(event) {
        const { value } = event.target;
        clearTimeout(this.waiting);
        // eslint-disable-next-line @lwc/lwc/no-async-operation -- typing settles before the org is asked
        this.waiting = setTimeout(() => {
            this.text = value;
            this.pages = 1;
        }, WAIT_MS);
    }

    handleSort(event) {
        const { name } = event.detail;
        this.sort = {
            name,
            order: name === this.order.name && this.order.order === 'ASC' ? 'DESC' : 'ASC'
        };
    }

    handleMore() {
        this.pages += 1;
    }
}
