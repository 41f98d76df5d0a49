"""Calls that happen to any business, in English: the angry, the silent and the wrong number."""

from callcenter.providers.simulator.script import Forward, Hear, Quiet, Say, Script, Takeover, Tool

VOICE = ("phone", "webrtc")

SCRIPTS = (
    Script(
        "a wrong number", "en", VOICE,
        (
            Say(("Hello, this is {business}. How can I help?", "{business}, good day.")),
            Hear(("Is that {wrong}?", "Oh. I wanted {wrong}.", "Could you put me through to {wrong}, please?")),
            Say("I am afraid you have reached {business}. Shall I help you with anything else?"),
            Hear(("No, sorry, wrong number. Bye.", "How strange. Sorry to bother you.")),
        ),
    ),
    Script(
        "an angry caller who wants a person", "en", VOICE,
        (
            Say("Hello, you have reached {business}. How can I help?"),
            Hear(("I want to speak to a person.", "Not the machine again. Give me a human being.")),
            Say("I understand. So that I can pass you to the right colleague, may I ask what it is about and look at", cut=0.45),
            Hear("No. A person. Now. This is the {days}th time I have called about order {order}."),
            Tool("find_history", {"phone": "{number}"}, {"calls": "{days}", "open_case": True}),
            Say("I can see that, {first}, and I am sorry. I am looking for a colleague who is free.", cut=0.8),
            Hear("You people are {swear}. I will write about this everywhere."),
            Quiet(3),
            Takeover(
                (
                    Say("Good day {first}, my name is {operator} and I am a real person. I have read your case."),
                    Hear("Well, about time. I just want my money back."),
                    Say("That is reasonable. I have released {amount} to your account this minute."),
                    Hear("Oh. Good. Thank you."),
                )
            ),
            Say("Everybody is in a conversation. Shall I have {operator} ring you back within {eta} minutes?"),
            Hear(("If you must. But this is the last time.", "Fine. But I will be timing it.")),
            Tool("request_callback", {"phone": "{number}", "priority": "high"}, {"queued": True}),
            Say("Thank you. {operator} will ring this number."),
            Hear("Goodbye."),
        ),
        weight=2,
    ),
    Script(
        "put me through", "en", VOICE,
        (
            Say("{business}, hello."),
            Hear("Could you put me through to {operator}, please? We were cut off."),
            Tool("find_colleague", {"name": "{operator}"}, {"free": True}),
            Say("{operator} is free. I am connecting you."),
            Forward(),
        ),
    ),
    Script(
        "nobody there", "en", VOICE,
        (
            Say("Hello, this is {business}. How can I help?"),
            Quiet(6),
            Say("Hello? I cannot hear you."),
            Quiet(9, warned=True),
            Say("I still cannot hear you. Please ring again when the line is better."),
            Quiet(4, fatal=True),
        ),
        reason="idle_timeout", weight=0.6,
    ),
    Script(
        "interrupted by the door", "en", VOICE,
        (
            Say("{business}, what can I do for you?"),
            Hear("Hi. I have a question about your opening hours. Wait, somebody is at the door."),
            Quiet(8, warned=True),
            Hear("Sorry about that. When are you open on {day}?"),
            Tool("opening_hours", {"day": "{day}"}, {"open": "{clock}", "close": "18:00"}),
            Say("On {day} we are open from {time} until six in the evening, and we are closed on public holidays."),
            Hear("Thanks, that is all I wanted."),
        ),
    ),
)  # fmt: skip
