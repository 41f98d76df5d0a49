"""Conversations in writing: web chat and WhatsApp, in English and Spanish."""

from callcenter.providers.simulator.script import Hear, Quiet, Say, Script, Tool

CHAT, WHATSAPP, BOTH = ("chat",), ("whatsapp",), ("chat", "whatsapp")

SCRIPTS = (
    Script(
        "do you treat children", "en", BOTH,
        (
            Hear(("Do you treat children?", "hi, do you see kids? mine is {age}")),
            Tool("services", {"age": "child"}, {"from_age": 4}),
            Say("Yes, from the age of four. A first visit takes twenty minutes."),
            Hear("and what does it cost?"),
            Say("A check-up for children is free. Shall I book one for you?"),
            Hear(("{day} {part} would be good", "yes please, {day}")),
            Tool("findSlots", {"day": "{day}"}, {"slots": ["{clock}", "{clock2}"]}),
            Say("There is a place at {time} with {dentist}. I have booked it for you."),
            Hear("thank you!!"),
        ),
        topics=("dental",), weight=2,
    ),
    Script(
        "can I still come today", "en", WHATSAPP,
        (
            Hear("Hi, can I still book for today?"),
            Tool("findSlots", {"day": "today"}, {"slots": []}),
            Say("Today is full, I am sorry. Would {day} work?"),
            Hear("it really hurts, please let me speak to a person", kind="audio"),
            Say("I have told the practice. Somebody will write to you here shortly."),
            Hear("this is what it looks like", kind="image"),
            Quiet(8),
            Say("{dentist} has seen your photo and asks you to come at {time}."),
            Hear(("Yes! Thank you", "ok I'm on my way")),
        ),
        topics=("dental",), weight=3,
    ),
    Script(
        "a leak with a photo", "en", WHATSAPP,
        (
            Hear("hello?? my {problem}"),
            Say("Hello {first}. Can you send a photo, so that {engineer} brings the right parts?"),
            Hear("", kind="image"),
            Hear("and a video of the noise", kind="video"),
            Tool("find_engineer", {"address": "{street}"}, {"engineer": "{engineer}", "eta_minutes": "{eta}"}),
            Say("Thank you. {engineer} can come to {street} in {eta} minutes. Is that all right?"),
            Hear("yes"),
            Hear("please hurry"),
            Say("It is booked. You will get a message when {engineer} is on the way."),
        ),
        topics=("plumbing",), weight=3,
    ),
    Script(
        "which size", "en", BOTH,
        (
            Hear(("Hi! Does the {item} come in {size}?", "is the {colour} {item} in stock")),
            Tool("find_stock", {"item": "{item}", "size": "{size}"}, {"in_stock": 2, "price": "{amount}"}),
            Say("Yes, we have two in {size} for {amount} pounds, in {colour} and in blue."),
            Hear("can I pick it up {day}?"),
            Say("Of course. I will keep one for you until {day} evening."),
            Hear("cheers"),
        ),
        topics=("shop",), weight=3,
    ),
    Script(
        "the parcel came broken", "en", WHATSAPP,
        (
            Hear("the {item} I ordered came broken"),
            Hear("", kind="image"),
            Hear("order {order}"),
            Tool("find_order", {"order": "{order}"}, error="order service unavailable", seconds=1.5),
            Say("I am sorry to see that, {first}. I cannot open the order right now, but I have saved your photo."),
            Hear("so what happens now? I need it by {day}. this is {swear}"),
            Say("You will get a new one, sent today. You do not have to send the broken one back."),
            Hear("ok. receipt attached", kind="document"),
        ),
        topics=("shop",), weight=2,
    ),
    Script(
        "how much is delivery", "en", CHAT,
        (
            Hear("how much is delivery to {street}?"),
            Say("Delivery is four pounds, and free for orders over sixty."),
            Hear("and returns?"),
        ),
        topics=("shop", "plumbing"), reason="chat_error",
    ),
    Script(
        "reserva por mensaje", "es", BOTH,
        (
            Hear(("Hola! Mesa para {party} {day}?", "buenas, queria reservar para {party} {day}")),
            Tool("buscar_mesas", {"dia": "{day}", "personas": "{party}"}, {"horas": ["{clock}"]}),
            Say("¡Hola! Para {party} tengo mesa a {time}. ¿La reservo?"),
            Hear(("si porfa, a nombre de {first}", "Sí, gracias. Somos {party} y un carrito de bebé.")),
            Say("Reservada {day} a {time}. ¡Hasta pronto, {first}!"),
            Hear("👍"),
        ),
        topics=("restaurant",), weight=3,
    ),
    Script(
        "carta y alergias", "es", BOTH,
        (
            Hear("¿El {dish} lleva gluten?"),
            Tool("alergenos", {"plato": "{dish}"}, {"gluten": False, "marisco": True}),
            Say("No lleva gluten, pero sí marisco. La {dish2} no lleva ninguno de los dos."),
            Hear("y para llevar se puede pedir por aqui?"),
            Say("Claro. Dígame qué quiere y a qué hora pasa a recogerlo."),
            Hear("dos de {dish} para {time}", kind="audio"),
            Tool("crear_pedido", {"platos": ["{dish}", "{dish}"]}, {"pedido": "{order}"}),
            Say("Anotado, pedido {order}: {amount} euros, a {time}."),
            Hear("genial"),
        ),
        topics=("restaurant",), weight=2,
    ),
    Script(
        "devolución", "es", BOTH,
        (
            Hear("hola, la {item} que compre llego rota"),
            Hear("mira", kind="image"),
            Say("Lo siento mucho, {first}. ¿Prefiere otra igual o el dinero?"),
            Hear("otra igual, pero {colour}"),
            Tool("cambiar", {"pedido": "{order}", "color": "{colour}"}, {"nuevo_pedido": "{order}-B"}),
            Say("Sale hoy con {carrier}. Le llega {day}."),
            Hear(("perfecto, gracias", "Gracias por la rapidez!")),
        ),
        topics=("shop",), weight=3,
    ),
)  # fmt: skip
