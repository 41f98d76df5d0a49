"""Lines of cells that an administrator types, and back."""

import pytest
from django import forms

from callcenter.journal.outbound.fields import fields_of, meant, shown
from callcenter.providers.pinecall.client.setup import ToolSetup

[PARAMETERS] = [field for field in fields_of(ToolSetup) if field.name == "parameters"]


def test_a_description_may_hold_the_separator_and_comes_back_as_it_was():
    typed = "day | string | no | Monday | Tuesday | any\nhour | number | yes | "
    stored = meant(typed, PARAMETERS)
    assert stored == [
        {"name": "day", "kind": "string", "required": False, "description": "Monday | Tuesday | any"},
        {"name": "hour", "kind": "number", "required": True},
    ]
    assert meant(shown(stored, PARAMETERS.type), PARAMETERS) == stored


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("day | date", "Kind: Invalid enum value 'date', in the line “day | date”."),
        (
            "day | string | Which day | it is",
            "Required: “Which day” is neither yes nor no, in the line “day | string | Which day | it is”.",
        ),
        ("| string", "missing required field `name`, in the line “| string”."),
    ],
)
def test_an_error_names_the_cell_that_it_means(line: str, words: str):
    with pytest.raises(forms.ValidationError) as found:
        meant(line, PARAMETERS)
    assert words in found.value.message
