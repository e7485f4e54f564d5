"""What people decide about customers. Every form carries how the link stood when its page was made (`seen`)."""

from flask import abort
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from sync.admin.typed import clean
from sync.core.link_file import REASON_LENGTH
from sync.core.linking import Standing


class DecideForm(FlaskForm):
    """A decision that needs nothing but to be made."""

    seen = HiddenField(validators=[InputRequired(), Length(max=80)])
    back = HiddenField(validators=[Length(max=2_000)])

    @property
    def standing(self) -> Standing:
        """How the link stood when the page was made; 400 for what no page of ours says."""
        try:
            return Standing.unpack(self.seen.data or "")
        except ValueError:
            abort(400, "This form did not come from this page. Open the customer again.")


class LinkForm(DecideForm):
    """Giving a customer to an account."""

    account = StringField("Account", filters=[clean], validators=[DataRequired("Choose an account"), Length(max=18)])


class NotOursForm(DecideForm):
    """Why somebody is no customer of ours."""

    reason = TextAreaField(
        "Why is it no customer of ours?",
        description="For whoever wonders later: a test, a private person, another company of the group.",
        filters=[clean],
        validators=[DataRequired("Say why, in a few words"), Length(max=REASON_LENGTH)],
    )


class FileForm(FlaskForm):
    """A file with decisions."""

    file = FileField(
        "CSV file",
        validators=[
            FileRequired("Choose a file"),
            FileAllowed(["csv", "txt"], "Choose a file whose name ends in .csv"),
        ],
    )


class ApplyForm(FlaskForm):
    """Doing what a file says."""

    moves = BooleanField("Also change customers that belong to an account already")
