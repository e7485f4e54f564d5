"""What is typed about people."""

import re
from collections.abc import Iterator
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import FieldList, Form, FormField, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from sync.admin.access import MOST_GRANTS, NAME_LENGTH, OWN, SEES
from sync.admin.signin import local, passwords
from sync.admin.typed import clean
from sync.db import members
from sync.settings import own_domain

_CHOICES = {str(name): words for name, words in SEES.items()}
_SPARE = 3  # empty lines below those that are there


class RoleForm(FlaskForm):
    """What a local member may do."""

    sees = SelectField("What they may do", choices=_CHOICES)
    owner = StringField(
        "Whose accounts they see",
        [Length(max=200, message="That is too long for a name.")],
        filters=[clean],
        description="Only for a viewer of own accounts: the Salesforce user, by name or e-mail address.",
        render_kw={"autocomplete": "off", "list": "users"},
    )

    def chosen(self, conn: Connection) -> str | None:
        """The Salesforce user of `owner`; where there is not exactly one, an error stands at the field."""
        if self.sees.data != OWN:
            return None
        typed = self.owner.data or ""
        found = members.users_like(conn, typed) if typed else []
        if len(found) == 1:
            return found[0].id
        self.owner.errors = [_which(typed, found)]
        return None


def _which(typed: str, found: list[members.User]) -> str:
    if not typed:
        return "Say whose accounts they see."
    if not found:
        return "No active Salesforce user has this name or address. Dueline knows those it has read back."
    told = ", ".join(f"{user.name} ({user.email or user.id})" for user in found[:5])
    return f"Several people are like that: {told}. Type the e-mail address."


class AddForm(RoleForm):
    """A new local member."""

    name = StringField(
        "Name",
        [DataRequired("Type a name."), Length(max=200, message=f"A name has {local.NAME_WORDS}.")],
        filters=[clean],
        description="What they type to sign in, such as ann.lee or their e-mail address.",
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse what cannot be kept as a name."""
        if local.plain_name(field.data or "") is None:
            raise ValidationError(f"A name has {local.NAME_WORDS}.")


class PasswordForm(FlaskForm):
    """One's own password."""

    now = PasswordField(
        "Your password now",
        [DataRequired("Type the password you have now."), Length(max=1_000, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "New password",
        [DataRequired("Type a new password."), Length(max=1_000, message="That is too long.")],
        description=f"{passwords.SHORTEST} characters or more: three or four words do well.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again",
        [EqualTo("new", "This is not the same as above.")],
        render_kw={"autocomplete": "new-password"},
    )


class GrantForm(Form):
    """One line of the table; an empty name is no line."""

    permission_set = StringField(
        "Permission set",
        [
            Optional(),
            Length(max=NAME_LENGTH, message=f"A permission set's name has {NAME_LENGTH} characters at most."),
            Regexp(r"[A-Za-z][A-Za-z0-9_]*\Z", message="This is the API name: letters, digits and _."),
        ],
        filters=[clean],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    sees = SelectField("Makes people", choices=_CHOICES)


class _Lines(FieldList):  # type: ignore[type-arg] # not generic at run time
    """Lines numbered 0 to 999; a number of another kind is none (wtforms would fail at “²”)."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        number = re.compile(rf"{re.escape(prefix)}-(\d{{1,3}})-", re.ASCII)
        return (int(found[1]) for key in formdata if (found := number.match(key)))


class AccessForm(FlaskForm):
    """Which permission set lets people of Salesforce do what."""

    based_on = HiddenField()
    grants = _Lines(FormField(GrantForm), max_entries=MOST_GRANTS)

    @property
    def lines(self) -> list[Any]:
        """Those lines that say something."""
        return [line.form for line in self.grants if line.form.permission_set.data]

    def make_room(self) -> None:
        """Have some empty lines at the end."""
        wanted = min(len(self.lines) + _SPARE, MOST_GRANTS)
        for _ in range(wanted - len(self.grants)):
            self.grants.append_entry({"sees": OWN})


class AppForm(FlaskForm):
    """The org's app through which people sign in. An empty secret leaves the one that is there."""

    login_url = StringField(
        "Address of the org",
        [DataRequired("Type the address."), Length(max=300, message="That is too long for an address.")],
        filters=[clean],
        description="Its My Domain: https://your-company.my.salesforce.com",
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )
    client_id = StringField(
        "Consumer key",
        [DataRequired("Type the consumer key."), Length(max=300, message="That is too long for a consumer key.")],
        filters=[clean],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    client_secret = PasswordField(
        "Consumer secret",
        [Length(max=300, message="That is too long for a consumer secret.")],
        filters=[clean],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_login_url(self, field: StringField) -> None:
        """Refuse what is no org's address."""
        try:
            field.data = own_domain(field.data or "")
        except ValueError as error:
            raise ValidationError(f"This {error}.") from None
