// An app page of the package, or one component alone.
import { api, LightningElement } from 'lwc';
import { declared } from 'platform/package';

export default class AppPage extends LightningElement {
    @api pageName;
    @api componentName;

    get page() {
        const alone = {
            regions: { main: [{ component: this.componentName, properties: {} }] },
            facets: {}
        };
        return this.componentName ? alone : declared.pages[this.pageName];
    }
}
