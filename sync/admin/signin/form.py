"""What is typed to sign in."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length


class SignInForm(FlaskForm):
    """A name and a password."""

    name = StringField(
        "Name",
        [DataRequired("Type your name."), Length(max=200, message="That is too long for a name.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )
    password = PasswordField(
        "Password",
        [DataRequired("Type your password."), Length(max=1_000, message="That is too long for a password.")],
        render_kw={"autocomplete": "current-password"},
    )
