"""Pages of agents, of people, and of what people set for themselves."""

from django.urls import path

from callcenter.console.team import agent_views, dialing, me, people, phone

urlpatterns = [
    path("agents/", agent_views.agents, name="agents"),
    path("agents/<int:agent>/pausing/", agent_views.pausing, name="agent-pausing"),
    path("agents/<int:agent>/pausing-contact/", agent_views.pausing_contact, name="agent-pausing-contact"),
    path("agents/<int:agent>/pause/", agent_views.pause, name="agent-pause"),
    path("agents/<int:agent>/resume/", agent_views.resume, name="agent-resume"),
    path("agents/<int:agent>/pause-contact/", agent_views.pause_contact, name="agent-pause-contact"),
    path("agents/<int:agent>/resume-contact/", agent_views.resume_contact, name="agent-resume-contact"),
    path("dial/", dialing.dial, name="dial"),
    path("dial/place/", dialing.place, name="dial-place"),
    path("dial/<uuid:command>/", dialing.dialed, name="dialed"),
    path("dial/<uuid:command>/cancel/", dialing.cancel, name="dial-cancel"),
    path("operators/", people.operators, name="operators"),
    path("me/presence/", me.set_presence, name="presence-set"),
    path("me/presence/now/", me.my_presence, name="presence"),
    path("me/seen/", me.seen, name="seen"),
    path("me/phone/", phone.own_phone, name="own-phone"),
    path("me/phone/save/", phone.save_own_phone, name="own-phone-save"),
    path("me/keyboard/", me.my_keyboard, name="keyboard"),
    path("me/keyboard/save/", me.save_keyboard, name="keyboard-save"),
]
