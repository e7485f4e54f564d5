"""The way in which a figure is best written to a field of the org."""

from sync.core.fieldmap.figures import Figure, FigureType
from sync.core.fieldmap.orgfield import NUMBER_TYPES, TEXT_TYPES, OrgField
from sync.core.fieldmap.transforms import AsDay, AsIs, AsText, Choices, DayForm, Rounded, Transform, YesNo


def proposal(figure: Figure, field: OrgField) -> Transform | None:
    """The way in which the figure is best written to that field; None if there is none."""
    match figure.type, field.type:
        case ((FigureType.MONEY | FigureType.NUMBER), kind) if kind in NUMBER_TYPES:
            return AsIs() if field.scale >= figure.digits else Rounded(field.scale)
        case FigureType.DATE, "date":
            return AsIs()
        case FigureType.INSTANT, "datetime":
            return AsIs()
        case FigureType.INSTANT, "date":
            return AsDay()
        case FigureType.FLAG, "boolean":
            return AsIs()
        case _, kind if kind in TEXT_TYPES or (kind == "url" and figure.address):
            return _as_words(figure, field)
    return None


def _as_words(figure: Figure, field: OrgField) -> Transform | None:
    match figure.type:
        case FigureType.FLAG:
            return YesNo(*field.values[:2]) if len(field.values) > 1 else YesNo("Yes", "No")
        case FigureType.CHOICE if field.type == "picklist":
            same = tuple((value, value) for value in sorted(figure.values) if value in field.values)
            return AsIs() if len(same) == len(figure.values) else Choices(same)
        case FigureType.DATE | FigureType.INSTANT if field.type != "picklist":
            return AsDay(DayForm.ISO)
        case FigureType.TEXT | FigureType.CHOICE if field.type != "picklist":
            return AsIs() if figure.length <= field.length else AsText(field.length)
        case FigureType.MONEY | FigureType.NUMBER if field.type != "picklist":
            return AsText()
    return None
