// The frame around every page, and the one place that decides which page an address shows.
import { LightningElement } from 'lwc';
import { ShowToastEventName } from 'lightning/platformShowToastEvent';
import { RefreshEvent } from 'lightning/refresh';
import { onDateMoved } from 'platform/clock';
import { followLink, onPage } from 'platform/router';
import { declared } from 'platform/package';
import { session } from 'platform/session';
import AppPage from 'shell/appPage';
import ListPage from 'shell/listPage';
import MissingPage from 'shell/missingPage';
import RecordPage from 'shell/recordPage';
import RelatedPage from 'shell/relatedPage';

export default class App extends LightningElement {
    pages = [];

    connectedCallback() {
        this.ends = [onPage((page) => this.show(page)), onDateMoved(() => this.refresh())];
        document.body.addEventListener(ShowToastEventName, (event) => this.toast(event));
    }

    disconnectedCallback() {
        this.ends.forEach((end) => end());
    }

    get app() {
        return declared.apps[0];
    }

    /** One page in a list: with another key it is made anew, as the platform makes each page anew. */
    show(page) {
        const { component, properties } = view(page);
        const key = JSON.stringify([page?.type, page?.attributes]);
        if (this.pages[0]?.key !== key) {
            this.pages = [{ key, component, properties }];
            window.scrollTo(0, 0);
        }
    }

    refresh() {
        this.dispatchEvent(new RefreshEvent());
    }

    toast(event) {
        this.template.querySelector('shell-toasts').show(event.detail);
    }

    handleClick(event) {
        followLink(event);
    }
}

const VIEWS = {
    standard__recordPage: recordView,
    standard__recordRelationshipPage: (attributes) => ({
        component: RelatedPage,
        properties: attributes
    }),
    standard__objectPage: objectView,
    standard__navItemPage: ({ apiName }) => appView(declared.tabs[apiName]?.page),
    standard__namedPage: ({ pageName }) => (pageName === 'home' ? appView(homePage()) : missing()),
    standard__component: ({ componentName }) => ({
        component: AppPage,
        properties: { componentName: componentName.replace('c__', '') }
    })
};

const NO_FORMS =
    'Records are made by quick actions here; the local world has no form for new ones.';

function objectView({ objectApiName, actionName }) {
    return actionName === 'new'
        ? missing(NO_FORMS)
        : { component: ListPage, properties: { objectApiName } };
}

function view(page) {
    const make = VIEWS[page?.type];
    return make ? make(page.attributes) : missing();
}

function missing(reason) {
    return { component: MissingPage, properties: { reason } };
}

function recordView({ objectApiName, recordId, actionName }) {
    const object =
        objectApiName === 'sObject' ? session.prefixes[recordId.slice(0, 3)] : objectApiName;
    if (actionName !== 'view') {
        return missing(
            `The local world has no page to ${actionName} a record; use Edit on its details.`
        );
    }
    return { component: RecordPage, properties: { objectApiName: object, recordId } };
}

function appView(pageName) {
    return declared.pages[pageName] ? { component: AppPage, properties: { pageName } } : missing();
}

/** The home page of the package, or else the first page that the app's tabs show. */
function homePage() {
    const own = Object.values(declared.pages).find((page) => page.type === 'HomePage');
    const tab = declared.apps[0]?.tabs.find((name) => declared.tabs[name]?.page);
    return own?.name || declared.tabs[tab]?.page;
}
