"""The desk of a call for a page or an answer."""

from datetime import datetime

from callcenter.calls.models import Call
from callcenter.console.calldesk.controls import controls_view
from callcenter.console.calldesk.rows import load_desk
from callcenter.console.calldesk.values import ControlsView
from callcenter.operators.models import Operator


def load_controls(call: Call, operator: Operator, now: datetime) -> ControlsView:
    return controls_view(call, call.agent, operator, load_desk(call, operator, now), now)
