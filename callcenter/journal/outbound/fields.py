"""A form's fields from a struct: an administrator fills in texts, numbers, choices and boxes, never JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django import forms
from msgspec import Struct
from msgspec.inspect import (
    BoolType,
    Field,
    FloatType,
    IntType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)  # fmt: skip

SEPARATOR = "|"
YES, NO = "yes", "no"
SPELLINGS = {
    "url": "URL",
    "llm": "LLM",
    "stt": "STT",
    "webrtc": "WebRTC",
    "whatsapp": "WhatsApp",
    "api": "API",
    "rpc": "RPC",
    "sip": "SIP",
    "ai": "AI",
}
UNITS = {"_s": " (seconds)", "_hours": " (hours)"}


def fields_of(struct: type[Struct]) -> list[Field]:
    found = type_info(struct)
    assert isinstance(found, StructType)  # noqa: S101  (for the type checker)
    return list(found.fields)


def is_rows(field: Field) -> bool:
    """A list of structs: each is a row of its own."""
    return isinstance(field.type, VarTupleType) and isinstance(field.type.item_type, StructType)


def row_struct(struct: type[Struct], name: str) -> type[Struct]:
    """The struct of the rows of this list."""
    field = next(field for field in fields_of(struct) if field.name == name)
    assert isinstance(field.type, VarTupleType)  # noqa: S101
    assert isinstance(field.type.item_type, StructType)  # noqa: S101
    made: type[Struct] = field.type.item_type.cls
    return made


def form_field(field: Field, value: Any, help_text: str, *, is_long: bool = False) -> forms.Field:
    """``value``: what is stored; msgspec.UNSET = nothing, then the struct's default is shown."""
    kind, optional = _without_none(field.type)
    initial = shown(default_of(field) if value is msgspec.UNSET else value, kind)
    common: dict[str, Any] = {"label": label_of(field.name), "help_text": help_text, "initial": initial}
    needed = field.required and not optional
    match kind:
        case BoolType():
            return forms.BooleanField(required=False, **common)
        case IntType():
            return forms.IntegerField(required=not optional, **common)
        case FloatType():
            return forms.FloatField(required=not optional, **common)
        case LiteralType():
            return forms.ChoiceField(choices=[(value, value) for value in kind.values], **common)
        case VarTupleType(item_type=StructType() as row):
            columns = f" {SEPARATOR} ".join(column.name for column in row.fields)
            common["help_text"] = f"{help_text} One on each line: {columns}."
            return forms.CharField(required=False, widget=_lines(3), **common)
        case VarTupleType():
            common["help_text"] = f"{help_text} One on each line."
            return forms.CharField(required=False, widget=_lines(3), **common)
        case StrType() if is_long:
            return forms.CharField(required=needed, widget=_lines(6), strip=False, **common)
        case StrType():
            return forms.CharField(required=needed, **common)
    raise TypeError(f"{field.name}: no form shows a {kind}")


def secret_field(field: Field, help_text: str, *, is_set: bool) -> forms.Field:
    """Written, never shown. Empty: it stays as it is."""
    state = "Set; leave it empty to keep it." if is_set else "Not set."
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"})
    return forms.CharField(required=False, label=label_of(field.name), help_text=f"{help_text} {state}", widget=widget)


def label_of(name: str) -> str:
    """``idle_timeout_s`` as "Idle timeout (seconds)"."""
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            return label_of(name.removesuffix(ending)) + unit
    words = [SPELLINGS.get(word, word) for word in name.split("_")]
    return " ".join([words[0] if words[0] != words[0].lower() else words[0].capitalize(), *words[1:]])


def default_of(field: Field) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else ""


def shown(value: Any, kind: Type) -> Any:
    """As the form shows it."""
    match kind:
        case VarTupleType(item_type=StructType() as row):
            return "\n".join(_row_text(item, row) for item in value or ())
        case VarTupleType():
            return "\n".join(value or ())
    return value


def meant(text: Any, field: Field) -> Any:
    """What was typed, as it is stored. Raises ValidationError."""
    kind, optional = _without_none(field.type)
    if optional and text in (None, ""):
        return None
    match kind:
        case VarTupleType(item_type=StructType() as row):
            return [_row_of(line, row) for line in _split(text)]
        case VarTupleType():
            return _split(text)
        case StrType():
            return (text or "").replace("\r\n", "\n").strip()
    return text


def typed_or_errors(values: Mapping[str, Any], struct: type[Struct]) -> dict[str, str]:
    """Field -> sentence for what does not fit the struct; empty = it fits."""
    try:
        msgspec.convert(dict(values), struct)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `$.")
        return {path.rstrip("`").partition("[")[0]: words}
    return {}


def _without_none(kind: Type) -> tuple[Type, bool]:
    if isinstance(kind, UnionType):
        others = [item for item in kind.types if not isinstance(item, NoneType)]
        return others[0], len(others) < len(kind.types)
    return kind, False


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})


def _split(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _row_text(item: Mapping[str, Any], row: StructType) -> str:
    cells = [item.get(column.encode_name, default_of(column)) for column in row.fields]
    return f" {SEPARATOR} ".join((YES if cell else NO) if isinstance(cell, bool) else str(cell) for cell in cells)


def _row_of(line: str, row: StructType) -> dict[str, Any]:
    cells = [cell.strip() for cell in line.split(SEPARATOR, len(row.fields) - 1)]
    found: dict[str, Any] = {}
    for column, cell in zip(row.fields, cells, strict=False):
        if isinstance(column.type, BoolType):
            if cell.lower() not in (YES, NO, ""):
                raise forms.ValidationError(f"{label_of(column.name)}: “{cell}” is neither {YES} nor {NO}, in the line “{line[:80]}”.")
            if cell:
                found[column.encode_name] = cell.lower() == YES
        elif cell:
            found[column.encode_name] = cell
    for name, words in typed_or_errors(found, row.cls).items():
        named = f"{label_of(name)}: {words}" if name else words
        raise forms.ValidationError(f"{named}, in the line “{line[:80]}”.")
    return found
