"""Settings: every field has help, what is wrong is said in sentences, and secrets show themselves to nobody."""

import msgspec
import pytest

from callcenter.providers.pinecall.client import options, setup
from callcenter.providers.pinecall.client.options import (
    HELP,
    AgentSetup,
    DirectOptions,
    DirectSecrets,
    ObserverOptions,
    ObserverSecrets,
    PhoneChannel,
    StreamOptions,
    StreamSecrets,
    ToolParameter,
    ToolSetup,
    WhatsAppChannel,
    WhatsAppSecrets,
    validate,
)

STRUCTS = [
    found for module in (options, setup) for found in vars(module).values() if isinstance(found, type) and issubclass(found, msgspec.Struct)
]


def test_every_field_has_one_sentence_of_help_and_none_is_left_over():
    fields = {name for struct in STRUCTS for name in struct.__struct_fields__}
    assert len(fields) > 30
    assert set(HELP) == fields
    assert all(words.endswith(".") and words[0].isupper() for words in HELP.values())


def test_what_is_complete_has_no_problem():
    agent = AgentSetup(
        id="frontdesk", phones=(PhoneChannel(number="+442079460118"), PhoneChannel(number="sip:desk@example.org")),
        whatsapp=(WhatsAppChannel(phone_number_id="2048"),), allowed_origins=("https://www.example.org",),
    )  # fmt: skip
    secrets = DirectSecrets(api_key="pk_1", whatsapp={"2048": WhatsAppSecrets(access_token="t")})
    assert validate(DirectOptions(agents=(agent,)), secrets) == []
    assert validate(StreamOptions(url="http://127.0.0.1:3000/events"), StreamSecrets()) == []
    assert validate(ObserverOptions(agents=("frontdesk",)), ObserverSecrets(api_key="pk_1")) == []


def phones(*given):
    return AgentSetup(id="frontdesk", phones=tuple(PhoneChannel(number=number) for number in given))


@pytest.mark.parametrize(
    ("agents", "words"),
    [
        ((), "Add at least one agent"),
        ((AgentSetup(id=" "),), "An agent has no id"),
        ((phones("020 7946 0118"),), "020 7946 0118 is no phone number; write it as +442079460118"),
        ((phones("+0442079460"),), "is no phone number"),
        ((phones("+442079460118", "+442079460118"),), "+442079460118 is given to two channels"),
        ((phones("+442079460118"), AgentSetup(id="b", phones=(PhoneChannel(number="+442079460118"),))), "is given to two channels"),
        ((AgentSetup(id="Front Desk"), AgentSetup(id="front-desk")), "Two agents are both called front-desk"),
        ((AgentSetup(id="a", whatsapp=(WhatsAppChannel(phone_number_id="1"),) * 2),), "The WhatsApp number 1 is given to two channels"),
        ((AgentSetup(id="a", whatsapp=(WhatsAppChannel(phone_number_id=""),)),), "has no phone number id"),
        ((AgentSetup(id="a", idle_timeout_s=-1),), "a limit is a number of seconds from 0"),
        ((AgentSetup(id="a", allowed_origins=("example.org/x",)),), "example.org/x is no origin"),
        ((AgentSetup(id="a", tools=(ToolSetup(name="t"),)),), "there is no tool endpoint"),
        ((AgentSetup(id="a", tools=(ToolSetup(name="t", parameters=(ToolParameter(name="a b"),)),)),), "letters, digits and _ only"),
        ((AgentSetup(id="a", tools=(ToolSetup(name="t"),) * 2),), "has two tools called t"),
    ],
)
def test_what_is_wrong_with_agents_is_said(agents, words):
    assert words in " ".join(validate(DirectOptions(agents=agents)))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (StreamOptions(), "The stream needs an address"),
        (StreamOptions(url="ftp://a/b"), "begins with https://"),
        (StreamOptions(url="https://u:p@a/b"), "must not have a password"),
        (StreamOptions(url="https://a/b?token=abc"), "must not have a secret"),
        (StreamOptions(url="https://a:99999999/b"), "cannot be read"),
        (StreamOptions(url="https://a/b", silence_s=5), "between 35 and 3600"),
        (StreamOptions(url="https://a/b", header="X\r\nY"), "letters, digits and hyphens"),
        (ObserverOptions(), "Name at least one agent"),
        (ObserverOptions(agents=("a", "a")), "Agent a is named twice"),
        (DirectOptions(agents=(AgentSetup(id="a"),), server="voice.pinecall.io"), "The server needs an address"),
        (DirectOptions(agents=(AgentSetup(id="a"),), tool_url="tools"), "The tool endpoint needs an address"),
        (DirectOptions(agents=(AgentSetup(id="a"),), tool_wait_s=0), "more than 0"),
    ],
)
def test_what_is_wrong_with_a_connection_is_said(given, words):
    assert words in " ".join(validate(given))


def test_a_key_that_is_missing_is_said():
    agent = AgentSetup(id="a", whatsapp=(WhatsAppChannel(phone_number_id="2048"),))
    assert "The API key is missing" in validate(DirectOptions(agents=(agent,)), DirectSecrets())[0]
    assert "The API key is missing" in validate(ObserverOptions(agents=("a",)), ObserverSecrets())[0]
    assert "2048 of agent a has no access token" in validate(DirectOptions(agents=(agent,)), DirectSecrets(api_key="pk"))[0]
    assert "cannot carry" in validate(StreamOptions(url="https://a/b"), StreamSecrets(authorization="Bearer a\nb"))[0]


def test_secrets_show_themselves_to_nobody():
    kept = WhatsAppSecrets(access_token="EAAB")
    assert f"{DirectSecrets(api_key='pk_1', whatsapp={'1': kept})!r} {kept} {StreamSecrets(authorization='x')}" == (
        "DirectSecrets(...) WhatsAppSecrets(...) StreamSecrets(...)"
    )


def test_settings_survive_their_way_through_storage():
    given = DirectOptions(agents=(phones("+442079460118"),), tool_url="https://a/b")
    assert msgspec.convert(msgspec.to_builtins(given), DirectOptions) == given
