"""The form with which something is ignored."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class IgnoreForm(FlaskForm):
    """Why it may be left alone; whoever looks later reads it."""

    why = StringField(
        "Why may it be left alone?",
        validators=[InputRequired("Say why, for whoever looks next."), Length(max=500)],
        description="It is not counted, told or tried again until its cause changes or something new comes for it.",
    )
