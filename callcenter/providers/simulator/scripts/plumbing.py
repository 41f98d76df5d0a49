"""Leaks, noises and invoices, in English; held on Pinecall and on Sippet alike."""

from callcenter.providers.simulator.script import Forward, Hear, Mute, Quiet, Say, Script, Takeover, Tool

VOICE = ("phone", "webrtc")
GREETING = Say(("{business}, what can I do for you?", "Thanks for calling {business}. What seems to be the problem?"))

SCRIPTS = (
    Script(
        "something is broken", "en", VOICE,
        (
            GREETING,
            Hear(("Hi, my {problem}.", "Well, my {problem} and it is getting worse by the hour.")),
            Say("I can send somebody. What is the address?"),
            Hear("{street}. The door bell does not work, so please knock."),
            Tool("find_engineer", {"address": "{street}"}, {"engineer": "{engineer}", "eta_minutes": "{eta}"}, seconds=1.1),
            Say("{engineer} can be with you in about {eta} minutes. The visit costs eighty five dollars. Shall I book it?"),
            Hear(("Yes, please do.", "That is more than I hoped, but yes, go ahead.")),
            Tool("book_visit", {"engineer": "{engineer}", "address": "{street}"}, {"visit": "v_{pin}"}),
            Say("It is booked. If water is running, please close the main valve until {engineer} arrives."),
            Hear("Will do. Thank you so much."),
            Say("You are welcome, {first}. Goodbye."),
        ),
        topics=("plumbing",), weight=3,
    ),
    Script(
        "the calendar fails and a person helps", "en", VOICE,
        (
            GREETING,
            Hear("I booked a visit for {day} and nobody came."),
            Tool("find_visit", {"phone": "{number}"}, {"visit": "v_{pin}", "status": "missed"}),
            Say("I am sorry about that, {first}. I see the visit was missed. Let me find a new time for you right away."),
            Tool("book_visit", {"engineer": "{engineer}", "urgent": True}, error="calendar timeout", seconds=2.5),
            Say("Our calendar does not answer. One moment please, I am getting a colleague.", cut=0.7),
            Hear("I have been waiting since {day}, this is not good enough."),
            Takeover(
                (
                    Say("Hello {first}, {operator} here from the office. I have the calendar in front of me."),
                    Hear("Finally. When can somebody come?"),
                    Say("{engineer} is two streets away and will be at your door in {eta} minutes, free of charge."),
                    Hear("All right, thank you. That is decent of you."),
                )
            ),
            Say("Is there anything else I can do?"),
            Hear("No, that is all."),
        ),
        topics=("plumbing",), weight=2,
    ),
    Script(
        "an invoice that looks wrong", "en", VOICE,
        (
            GREETING,
            Hear("I got an invoice for {amount} dollars, but your man said eighty five."),
            Tool("find_invoice", {"phone": "{number}"}, {"invoice": "INV-{pin}", "lines": [{"text": "visit", "amount": 85}]}),
            Say("The invoice has the visit at eighty five dollars and the rest is for parts. Shall I read the parts to you?"),
            Hear("Go on then."),
            Mute("hang on, where did I put that letter, I know it was on the table"),
            Say("There is a valve, two metres of pipe, and a night surcharge that should not be there. I will take it off.", cut=0.8),
            Hear("So I was right about it."),
            Tool("credit_invoice", {"invoice": "INV-{pin}", "reason": "night surcharge"}, {"credited": True}),
            Say("You were. The corrected invoice will be in your mail box within the hour."),
            Hear(("Thanks. That was easier than I thought.", "OK. Thanks for sorting it out.")),
        ),
        topics=("plumbing",), weight=2,
    ),
    Script(
        "a quote for a big job", "en", VOICE,
        (
            GREETING,
            Hear("We are redoing two bathrooms and I would like a quote."),
            Say("That is a job for our project desk. May I ask when you would like to begin?"),
            Hear("In about {days} weeks."),
            Quiet(3),
            Say("Then I will pass you on to {operator} in projects. Please stay on the line."),
            Forward(),
        ),
        topics=("plumbing",),
    ),
    Script(
        "is everything still fine", "en", ("phone",),
        (
            Say("Hello, this is {business}. {engineer} was at {street} last week, and we would like to know whether all is well."),
            Hear(("Yes, it works fine, thanks.", "Mostly. It drips a little when it is cold.")),
            Tool("send_survey", {"channel": "sms"}, {"sent": True}),
            Say("Good to know. You will get a short text message with one question. Have a nice day."),
        ),
        topics=("plumbing",), direction="outbound", weight=2,
    ),
)  # fmt: skip
