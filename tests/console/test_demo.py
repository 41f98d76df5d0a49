"""What a demonstration puts into the database."""

import pytest

from callcenter.calls.models import Agent
from callcenter.console.demo import name_agents
from callcenter.operators.models import Team
from callcenter.providers.simulator.sippet_form import agent_id
from tests.factories import make_agent, make_connection

pytestmark = pytest.mark.django_db


def test_agents_of_sippet_have_names_and_keep_those_that_people_gave_them(north: Team):
    make_connection("harbour", north)
    sippet = make_connection("sippet-direct", north, provider="sippet")
    make_agent(agent_id("rivera-plumbing"), sippet)  # was heard before
    name_agents()
    assert set(Agent.objects.values_list("connection", "name")) == {(sippet.pk, "Rivera Plumbing"), (sippet.pk, "Clínica Mirador")}
    Agent.objects.filter(slug=agent_id("rivera-plumbing")).update(name="Front desk")
    name_agents()
    assert set(Agent.objects.values_list("name", flat=True)) == {"Front desk", "Clínica Mirador"}
