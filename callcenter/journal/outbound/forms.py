"""Forms for what is set up of a connection, an agent of ours, and its rows: ordinary fields in front, encrypted secrets behind."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django import forms
from django.db.models import Model
from msgspec import Struct
from msgspec.inspect import Field

from callcenter.journal.outbound.fields import default_of, fields_of, form_field, is_rows, label_of, meant, secret_field
from callcenter.journal.outbound.vault import seal

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
OPTION, SECRET, CLEAR = "option_", "secret_", "clear_"


class SetupForm(forms.ModelForm[Any]):
    """Subclasses are made by ``setup_form``. What is valid is put on the instance: ``options`` and ``secrets``."""

    option_fields: tuple[Field, ...] = ()
    secret_fields: tuple[Field, ...] = ()
    help: Mapping[str, str] = {}
    long: frozenset[str] = frozenset()
    annotations: Mapping[str, Any] = {}
    sent_to: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moved: frozenset[str] = frozenset()  # options that name another host now
        options = self.instance.options
        for field in self.option_fields:
            value = options.get(field.encode_name, msgspec.UNSET)
            made = form_field(field, value, self.help.get(field.name, ""), is_long=field.name in self.long)
            self.fields[OPTION + field.name] = made
        for field in self.secret_fields:
            is_set = field.name in self.instance.secrets
            self.fields[SECRET + field.name] = secret_field(field, self.help.get(field.name, ""), is_set=is_set)
            clear = forms.BooleanField(required=False, label=f"Clear {label_of(field.name)}", disabled=not is_set)
            self.fields[CLEAR + field.name] = clear

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        options = self._options(cleaned)
        self._follow_addresses(options, cleaned)
        if not self.errors:
            self.instance.options = options
            if self.secret_fields:
                self.instance.secrets = self._secrets(cleaned)
        return cleaned

    def ask_again(self) -> None:
        """On a page that is shown once more: no page shows a secret, so what was typed would be lost without a word."""
        for field in self.secret_fields:
            if (self[SECRET + field.name].data or "").strip():
                self.add_error(SECRET + field.name, "Enter it again.")

    def _options(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Only what differs from the default is stored: a better default of a later version reaches everybody."""
        found = {}
        for field in self.option_fields:
            if OPTION + field.name not in cleaned:
                continue
            try:
                value = meant(cleaned[OPTION + field.name], field)
            except forms.ValidationError as error:
                self.add_error(OPTION + field.name, error)
                continue
            self._check(field, value)
            if field.required or value != msgspec.to_builtins(default_of(field)):
                found[field.encode_name] = value
        return found

    def _follow_addresses(self, options: dict[str, Any], cleaned: dict[str, Any]) -> None:
        """What was stored for one host is not sent to another: whoever may change an address need not know the secret."""
        fields = {field.name: field for field in self.option_fields}
        before = self.instance.options
        self.moved = frozenset(
            name for name, field in fields.items() if OPTION + name not in self.errors and host_of(before, field) != host_of(options, field)
        )
        for secret, address in self.sent_to.items():
            kept = secret in self.instance.secrets and not cleaned.get(CLEAR + secret)
            if address in self.moved and kept and not (cleaned.get(SECRET + secret) or "").strip():
                words = f"{label_of(address)} names another host: enter this again, because what is stored was meant for the former one."
                self.add_error(SECRET + secret, words)

    def _check(self, field: Field, value: Any) -> None:
        try:
            msgspec.convert(value, self.annotations[field.name])
        except msgspec.ValidationError as error:
            self.add_error(OPTION + field.name, f"{error}.")

    def _secrets(self, cleaned: dict[str, Any]) -> dict[str, str]:
        kept = dict(self.instance.secrets)
        for field in self.secret_fields:
            if cleaned.get(CLEAR + field.name):
                kept.pop(field.name, None)
            if value := (cleaned.get(SECRET + field.name) or "").strip():
                kept[field.name] = seal(value)
        return kept


def host_of(options: Mapping[str, Any], field: Field) -> tuple[str, str, int | None] | str:
    """Scheme, host and port that the option names; the text itself when it cannot be read as an address."""
    value = str(options.get(field.encode_name, default_of(field))).strip()
    try:
        parts = urlsplit(value)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return value
    return (parts.scheme, parts.hostname, port) if parts.hostname else value


def setup_form(
    model: type[Model],
    struct: type[Struct],
    secrets: type[Struct] | None,
    help: Mapping[str, str],  # noqa: A002
    *,
    without: Iterable[str] = (),
    long: frozenset[str] = frozenset(),
    rows_as_text: bool = False,
    sent_to: Mapping[str, str] | None = None,
) -> type[SetupForm]:
    """``without``: fields that are edited elsewhere. ``rows_as_text``: lists of structs become lines, else they are left out.

    ``sent_to``: as in ClientKind.
    """
    leave = set(without)
    options = [field for field in fields_of(struct) if field.name not in leave and (rows_as_text or not is_rows(field))]
    kept = [field for field in fields_of(secrets) if _is_text(field)] if secrets else []
    values: dict[str, Any] = {
        "option_fields": tuple(options),
        "secret_fields": tuple(kept),
        "help": help,
        "long": long,
        "sent_to": sent_to or {},
        "annotations": {field.name: field.type for field in msgspec.structs.fields(struct)},
    }
    names = form_names(options, kept)
    values |= {name: forms.Field(required=False) for name in names}  # declared, so that the admin knows them; made for each instance
    values["Meta"] = type("Meta", (), {"model": model, "fields": []})
    return type("MadeSetupForm", (SetupForm,), values)


def form_names(options: Iterable[Field], secrets: Iterable[Field]) -> list[str]:
    """The names of a form's fields, in their order."""
    return [*(OPTION + field.name for field in options), *(name for field in secrets for name in (SECRET + field.name, CLEAR + field.name))]


def _is_text(field: Field) -> bool:
    return isinstance(field.type, msgspec.inspect.StrType)
