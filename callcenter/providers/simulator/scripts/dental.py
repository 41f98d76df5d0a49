"""What people ring a dentist about, in English."""

from callcenter.providers.simulator.script import Hear, Hold, Keys, Quiet, Say, Script, Skill, Tool

VOICE = ("phone", "webrtc")
GREETING = Say(("Good morning, {business}. How can I help?", "Hello, this is {business}. What can I do for you today?"))
GOODBYE = Hear(("Lovely, thank you. Bye now.", "Great, thanks a lot. Goodbye.", "Perfect. Thank you, bye."))

SCRIPTS = (
    Script(
        "move an appointment", "en", VOICE,
        (
            GREETING,
            Hear(("I need to move my appointment to {day} {part} if that is possible.",
                  "Hi, it's {name}. Something came up, can I come on {day} instead?")),
            Tool("findAppointment", {"phone": "{number}"}, {"appointment": "apt_{pin}", "with": "{dentist}"}),
            Tool("findSlots", {"day": "{day}", "part": "{part}"}, {"slots": ["{clock}", "{clock2}"]}),
            Say("I can offer {time} or {time2} on {day}, and there is also a free place the week after, if that is better.", cut=0.55),
            Hear(("{time} is fine.", "Yes, {time}, please.")),
            Tool("bookSlot", {"at": "{clock}", "day": "{day}"}, {"booked": True, "with": "{dentist}"}),
            Say("Done. You are booked with {dentist} on {day} at {time}. You will get a text message to confirm it."),
            GOODBYE,
            Say("Goodbye, {first}."),
        ),
        topics=("dental",), weight=3,
    ),
    Script(
        "a new patient", "en", VOICE,
        (
            GREETING,
            Hear("Hello, I have just moved here and I would like to register as a new patient."),
            Skill("registration"),
            Say("Welcome. May I have your full name, please?"),
            Hear("{name}."),
            Say("Thank you. And the first line of your address?"),
            Hear("It's {street}."),
            Tool("createPatient", {"name": "{name}", "address": "{street}"}, {"patient": "p_{pin}"}, seconds=1.4),
            Say(("You are on our list, {first}. The first check-up takes forty minutes. Would {day} at {time} work?",)),
            Hear(("Yes, that works for me.", "Could it be a little later, maybe {time2}?")),
            Tool("bookSlot", {"at": "{clock2}", "day": "{day}"}, {"booked": True}),
            Say("That is arranged. Please bring a photo identity card and arrive ten minutes early."),
            GOODBYE,
        ),
        topics=("dental",), weight=2,
    ),
    Script(
        "toothache", "en", VOICE,
        (
            GREETING,
            Hear("My {tooth} has been hurting since the weekend and now my cheek is swollen."),
            Say("I am sorry to hear that. Do you have a fever, or any trouble breathing or swallowing?"),
            Hear(("No, nothing like that, it just hurts a lot.", "A bit of a temperature last night, but no trouble breathing.")),
            Tool("findSlots", {"day": "today", "urgent": True}, {"slots": []}),
            Tool("findSlots", {"day": "tomorrow", "urgent": True}, error="calendar timeout", seconds=2.2),
            Say("Our calendar is slow to answer. May I put you on hold for a few seconds?"),
            Hear("Yes, all right."),
            Hold(6),
            Say("Thank you for waiting. {dentist} can see you tomorrow at {time}, between two other visits."),
            Hear("Oh, that is a relief. I will take it."),
            Tool("bookSlot", {"day": "tomorrow", "at": "{clock}", "urgent": True}, {"booked": True}),
            Say("You are booked. Until then, a cold compress helps, and please do not eat on that side."),
            GOODBYE,
        ),
        topics=("dental",), weight=2,
    ),
    Script(
        "press a key", "en", ("phone",),
        (
            Say("Thank you for calling {business}. For appointments press one, for invoices press two, or just tell me what you need."),
            Keys("2"),
            Say("Invoices. Please key in the four digits at the top of your letter."),
            Keys("{pin}"),
            Tool("findInvoice", {"number": "{pin}"}, {"amount": "{amount}", "paid": False}),
            Say("I see an open invoice of {amount} pounds. Would you like a payment link by text message?"),
            Quiet(4),
            Hear(("Yes please, send it to this number.", "I think I have paid that already, but send it anyway.")),
            Tool("sendPaymentLink", {"to": "{number}"}, {"sent": True}),
            Say("It is on its way. Is there anything else?"),
            Hear("No, that's all."),
            Say("Thank you for calling, goodbye."),
        ),
        topics=("dental",),
    ),
    Script(
        "a reminder that is answered", "en", ("phone",),
        (
            Say("Hello, this is a reminder from {business}. You have an appointment with {dentist} {day} at {time}. Can you still come?"),
            Hear(("Yes, I will be there.", "Oh, I had forgotten. Yes, I can come.", "I'm not sure yet, can I cancel later?")),
            Tool("confirmAppointment", {"phone": "{number}"}, {"confirmed": True}),
            Say("Wonderful, thank you. See you then, {first}."),
        ),
        topics=("dental",), direction="outbound", weight=2,
    ),
    Script("a reminder nobody answers", "en", ("phone",), (), direction="outbound", outcome="no-answer", weight=2),
    Script("a busy line", "en", ("phone",), (), direction="outbound", outcome="busy", weight=1),
    Script("a number that cannot be dialled", "en", ("phone",), (), direction="outbound", outcome="impossible", weight=0.3),
)  # fmt: skip
