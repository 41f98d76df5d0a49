"""manage.py add_connection."""

import pytest
from django.core.management import CommandError, call_command

from callcenter.journal.connections import find_connection
from callcenter.journal.models import Connection
from callcenter.operators.models import Team


def test_it_prints_the_token_last_and_once(db: None, capsys: pytest.CaptureFixture[str]):
    call_command("add_connection", "berlin", "--provider", "pinecall")
    lines = capsys.readouterr().out.splitlines()
    connection = find_connection("berlin", lines[-1])
    assert connection
    assert (connection.provider, connection.team.name, connection.enabled) == ("pinecall", "Default", True)
    assert not any(lines[-1] in line for line in lines[:-1])
    assert lines[-1] not in {connection.token_digest, connection.token_prefix}


def test_team_and_token_can_be_given(db: None, capsys: pytest.CaptureFixture[str]):
    call_command("add_connection", "berlin", "--provider", "sippet", "--team", "North", "--token", "my-own-token")
    assert capsys.readouterr().out.splitlines()[-1] == "my-own-token"
    connection = find_connection("berlin", "my-own-token")
    assert connection
    assert connection.team.name == "North"
    assert list(Team.objects.values_list("name", flat=True)) == ["North"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["berlin", "--provider", "sippet"], "already"),
        (["paris", "--provider", "twilio"], "pinecall or sippet"),
        (["paris", "--provider", "sippet", "--token", "taken"], "this token already"),
        (["two words", "--provider", "sippet"], "cannot be a name"),
        (["", "--provider", "sippet"], "cannot be a name"),
        (["paris", "--provider", "sippet", "--token", "a b"], "without spaces"),
        (["paris", "--provider", "sippet", "--token", ""], "without spaces"),
        (["paris", "--provider", "sippet", "--token", "schlüssel"], "printable ASCII"),
        (["paris"], "--provider"),
    ],
)
def test_it_refuses_in_words_and_changes_nothing(db: None, arguments: list[str], words: str):
    call_command("add_connection", "berlin", "--provider", "pinecall", "--token", "taken", verbosity=0)
    teams = Team.objects.count()
    with pytest.raises(CommandError, match=words):
        call_command("add_connection", *arguments, "--team", "Newly made")
    assert Connection.objects.count() == 1
    assert Team.objects.count() == teams


def test_a_team_that_is_new_is_named_for_it_may_be_a_slip_of_the_keyboard(db: None, capsys: pytest.CaptureFixture[str]):
    call_command("add_connection", "berlin", "--provider", "pinecall", "--team", "Sypport")
    assert capsys.readouterr().err == 'Team "Sypport" is new and was made.\n'
    call_command("add_connection", "munich", "--provider", "pinecall", "--team", "Sypport")
    assert capsys.readouterr().err == ""
