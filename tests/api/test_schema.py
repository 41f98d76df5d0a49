"""The OpenAPI document and the API agree: generated requests, sound and senseless, against the application itself."""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from callcenter.operators.models import Operator, Team
from tests import factories

DOCUMENT = "/api/v1/openapi.json"
PATHS = {f"/api/v1/{path}" for path in ("calls/", "calls/{call_uuid}/", "calls/{call_uuid}/events/", "agents/", "threads/")}


@pytest.fixture
def api_schema(transactional_db: None):
    """The document as it is served; it is public. Outside the test client every request closes its connection: no transaction around."""
    return schemathesis.openapi.from_wsgi(DOCUMENT, WSGIHandler())


@pytest.fixture
def headers(transactional_db: None, north: Team, oskar: Operator) -> dict[str, str]:
    """An operator's token, and calls to find."""
    agent = factories.make_agent(connection=factories.make_connection(team=north))
    contact = factories.make_contact(name="Lena", team=north)
    call = factories.make_call("CA1", agent, contact=contact, thread=factories.make_thread(agent, contact))
    factories.make_line(call, "Hello")
    factories.make_tool(call)
    factories.make_entry(call)
    return factories.bearer(oskar)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("path", sorted(PATHS))
def test_generated_requests_get_documented_answers(api_schema, headers: dict[str, str], path: str, mode: GenerationMode):
    @given(case=api_schema[path]["GET"].as_strategy(generation_mode=mode))
    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def answers(case):
        # What is wrong with a senseless request may vanish on the wire; then it makes sense.
        case.call_and_validate(headers=headers, excluded_checks=[negative_data_rejection])

    answers()


def test_the_document_lists_the_promised_addresses_and_no_page_of_docs_is_served(client: Client, db: None):
    document = client.get(DOCUMENT).json()
    assert set(document["paths"]) == PATHS
    assert client.get("/api/v1/docs").status_code == 404
