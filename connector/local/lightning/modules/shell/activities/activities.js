// Stands for the platform's activity panel: what is still to be done about the record.
import { api, LightningElement, wire } from 'lwc';
import { gql, graphql } from 'lightning/graphql';
import { registerRefreshHandler, unregisterRefreshHandler } from 'lightning/refresh';
import { orgToday } from 'platform/clock';

export default class Activities extends LightningElement {
    @api recordId;

    @wire(graphql, {
        query: gql`
            query openTasks($recordId: ID) {
                uiapi {
                    query {
                        Task(
                            where: {
                                and: [{ WhatId: { eq: $recordId } }, { IsClosed: { eq: false } }]
                            }
                            orderBy: { ActivityDate: { order: ASC } }
                            first: 10
                        ) {
                            edges {
                                node {
                                    Id
                                    Subject {
                                        value
                                    }
                                    ActivityDate {
                                        value
                                        displayValue
                                    }
                                }
                            }
                            totalCount
                        }
                    }
                }
            }
        `,
        variables: '$variables'
    })
    result;

    connectedCallback() {
        this.handler = registerRefreshHandler(this, () => this.result?.refresh?.());
    }

    disconnectedCallback() {
        unregisterRefreshHandler(this.handler);
    }

    get variables() {
        return { recordId: this.recordId };
    }

    get found() {
        return this.result?.data?.uiapi.query.Task;
    }

    get tasks() {
        return this.found.edges.map(({ node }) => ({
            id: node.Id,
            subject: node.Subject.value,
            due: node.ActivityDate.value
                ? `Due ${inWords(node.ActivityDate.value)}`
                : 'No due date',
            css:
                node.ActivityDate.value < orgToday()
                    ? 'slds-text-color_error'
                    : 'slds-text-color_weak'
        }));
    }

    get more() {
        const more = this.found.totalCount - this.tasks.length;
        return more > 0 ? `and ${more} more` : undefined;
    }
}

function inWords(day) {
    const format = { month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' };
    return new Date(day).toLocaleDateString('en-US', format);
}
