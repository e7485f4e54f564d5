// Icons from the design system's sprites: the base component would import some thousands of templates instead.
import Base from 'base/primitiveIcon';
import { getIconPath } from 'lightning/iconUtils';

export default class PrimitiveIcon extends Base {
    requestIconTemplates() {}

    get href() {
        return this.src ? super.href : getIconPath(this.iconName);
    }
}
