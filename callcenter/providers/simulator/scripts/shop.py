"""Orders, returns and a complaint of a bicycle shop, in English."""

from callcenter.providers.simulator.script import Hear, Quiet, Say, Script, Tones, Tool

VOICE = ("phone", "webrtc")
GREETING = Say(("{business}, hello. Is it about an order?", "Hello and welcome to {business}. How can I help?"))

SCRIPTS = (
    Script(
        "where is my order", "en", VOICE,
        (
            GREETING,
            Hear(("Yes, I ordered a {item} {days} days ago and it has not come.", "Hi, it's about order {order}. Where is it?")),
            Tool("find_order", {"order": "{order}"}, {"order": "{order}", "carrier": "{carrier}", "status": "in transit"}),
            Say("Your {colour} {item} left us on {day}. {carrier} says it will be with you tomorrow {part}.", cut=0.75),
            Hear("Tomorrow? The website said it would be here by now."),
            Tool("track_parcel", {"carrier": "{carrier}"}, {"events": [{"at": "{clock}", "text": "sorting centre"}]}, seconds=1.6),
            Say("It was held at the sorting centre for a day. It will come before noon, and I have added five pounds to your account."),
            Hear(("OK, fair enough. Thanks.", "That's kind, thank you.")),
            Say("Thank you for your patience, {first}. Goodbye."),
        ),
        topics=("shop",), weight=3,
    ),
    Script(
        "order by telephone", "en", VOICE,
        (
            GREETING,
            Hear("I would like to order the {item} in {colour}, size {size}."),
            Tool("find_stock", {"item": "{item}", "colour": "{colour}", "size": "{size}"}, {"in_stock": 3, "price": "{amount}"}),
            Say("We have three of them for {amount} pounds each. Shall I reserve one and text you a payment link?"),
            Hear(("Yes please.", "Yes, and can you gift wrap it?")),
            Tool("create_order", {"item": "{item}", "phone": "{number}"}, {"order": "{order}"}),
            Say("Your order number is {order}. Delivery to {street}, as last time?"),
            Quiet(3),
            Hear("Yes, that's right."),
            Say("Then we are done. The link is valid for two hours."),
            Hear("Brilliant, thanks. Bye."),
        ),
        topics=("shop",), weight=2,
    ),
    Script(
        "a complaint about a refund", "en", VOICE,
        (
            GREETING,
            Hear("I sent back a {item} {days} days ago and I still do not have my {amount} pounds."),
            Tool("find_return", {"phone": "{number}"}, {"return": "R-{pin}", "received": True, "refunded": False}),
            Say("I see the parcel arrived on {day}. Refunds take five working days, so it should be on its way to you by now and", cut=0.6),
            Hear("That is what I was told last week. This is {swear}."),
            Tool("refund", {"return": "R-{pin}", "amount": "{amount}"}, error="payment provider refused: card expired", seconds=1.8),
            Say("You are right to be annoyed. The refund failed because your card has expired. May I send it to a bank account instead?"),
            Hear("You could have told me that. Yes, send me the form."),
            Tool("send_form", {"to": "{number}", "form": "bank-details"}, {"sent": True}),
            Say("It is sent. I have marked your case as urgent, and a colleague will check it {day} {part}."),
            Hear("I will believe it when I see it. Goodbye."),
        ),
        topics=("shop",), weight=2,
    ),
    Script(
        "a supplier's menu", "en", ("phone",),
        (
            Hear("Welcome to {carrier}. For business customers, please dial your account number followed by hash."),
            Tones("57{pin}#"),
            Hear("Thank you. A parcel for {street} is waiting for collection. Press one to have it delivered again."),
            Tones("1"),
            Hear("It will be delivered {day} {part}."),
            Say("Thank you, that is what we needed."),
        ),
        topics=("shop",), direction="outbound",
    ),
)  # fmt: skip
