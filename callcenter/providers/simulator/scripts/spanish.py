"""Calls in Spanish: a restaurant, a shop, a dentist, and what happens to all of them."""

from callcenter.providers.simulator.script import Forward, Hear, Hold, Keys, Quiet, Say, Script, Takeover, Tool

VOICE = ("phone", "webrtc")
GREETING = Say(("{business}, buenos días. ¿En qué puedo ayudarle?", "Hola, ha llamado a {business}. Dígame."))

SCRIPTS = (
    Script(
        "reservar una mesa", "es", VOICE,
        (
            GREETING,
            Hear(("Quería reservar una mesa para {party} personas {day}.", "Buenas, ¿tienen sitio {day} para {party}?")),
            Tool("buscar_mesas", {"dia": "{day}", "personas": "{party}"}, {"horas": ["{clock}", "{clock2}"]}),
            Say("Para {party} personas me queda mesa a {time} en la terraza o a {time2} en el salón, al lado de la ventana.", cut=0.7),
            Hear(("A {time}, por favor.", "En la terraza mejor.")),
            Say("Perfecto. ¿A nombre de quién la pongo?"),
            Hear("{name}."),
            Tool("reservar", {"nombre": "{name}", "hora": "{clock}", "personas": "{party}"}, {"reserva": "R{pin}"}),
            Say("Queda reservada {day} a {time}, mesa para {party}. Le mando un mensaje con la confirmación."),
            Hear(("Muchas gracias, hasta luego.", "Estupendo, gracias.")),
        ),
        topics=("restaurant",), weight=3,
    ),
    Script(
        "pedido para llevar", "es", VOICE,
        (
            GREETING,
            Hear("Quiero hacer un pedido para recoger: dos de {dish} y una de {dish2}."),
            Tool("carta", {"platos": ["{dish}", "{dish2}"]}, {"disponible": True, "precio": "{amount}"}),
            Say("Dos de {dish} y una de {dish2}, son {amount} euros. ¿Alguna alergia que deba saber la cocina?"),
            Hear(("No, ninguna.", "Sí, sin frutos secos, por favor.")),
            Tool("crear_pedido", {"nombre": "{first}", "total": "{amount}"}, {"pedido": "{order}"}, seconds=1.2),
            Say("Pedido {order}. Estará listo en {eta} minutos. ¿Paga aquí o le mando un enlace?"),
            Hear("Pago al recoger."),
            Say("De acuerdo, {first}. Hasta ahora."),
        ),
        topics=("restaurant",), weight=2,
    ),
    Script(
        "una queja por la cena", "es", VOICE,
        (
            GREETING,
            Hear("Cenamos ahí {day} y el {dish} estaba frío. Y encima nos cobraron {amount} euros de más."),
            Say("Lo siento mucho. Voy a mirar la cuenta ahora mismo. ¿Me dice a qué nombre estaba la reserva y si pagaron con", cut=0.5),
            Hear("A nombre de {name}. Esto es {swear}, de verdad."),
            Tool("buscar_cuenta", {"nombre": "{name}"}, error="caja cerrada", seconds=2.0),
            Say("La caja ya está cerrada y no puedo abrir la cuenta. ¿Puede esperar un momento?"),
            Hold(5),
            Takeover(
                (
                    Say("Buenas tardes, soy {operator}, la encargada. Tengo la cuenta delante y tiene usted razón."),
                    Hear("Menos mal. ¿Y qué hacemos?"),
                    Say("Le devuelvo los {amount} euros hoy y la próxima cena corre de nuestra cuenta."),
                    Hear("Bueno, gracias. Así da gusto."),
                )
            ),
            Say("He avisado a {operator}, que le llamará hoy mismo. ¿Le parece bien?"),
            Hear("Vale. Espero su llamada."),
        ),
        topics=("restaurant",), weight=2,
    ),
    Script(
        "dónde está mi pedido", "es", VOICE,
        (
            GREETING,
            Hear("Hice un pedido hace {days} días, el {order}, y todavía no ha llegado."),
            Tool("buscar_pedido", {"pedido": "{order}"}, {"estado": "en reparto", "transporte": "{carrier}"}),
            Say("Su {item} {colour} salió ayer con {carrier} y llega {day} {part}."),
            Hear(("Estaré trabajando. ¿Lo pueden dejar en la tienda?", "Bien, pero llamen antes, por favor.")),
            Tool("cambiar_entrega", {"pedido": "{order}", "lugar": "tienda"}, {"cambiado": True}, seconds=1.5),
            Say("Hecho. Le avisaremos con un mensaje en cuanto esté, {first}."),
            Hear("Muchas gracias."),
        ),
        topics=("shop",), weight=3,
    ),
    Script(
        "cita con el dentista", "es", VOICE,
        (
            GREETING,
            Hear("Me duele una {tooth} desde ayer. ¿Me pueden ver {day}?"),
            Tool("buscar_huecos", {"dia": "{day}", "urgente": True}, {"huecos": ["{clock}", "{clock2}"]}),
            Say("{day} le puede ver {dentist} a {time}, o si no a {time2}."),
            Hear("A {time} me viene bien."),
            Tool("reservar_cita", {"telefono": "{number}", "hora": "{clock}"}, {"cita": "C{pin}"}),
            Say("Le apunto a {time} con {dentist}. Si empeora esta noche, vuelva a llamarnos."),
            Hear("Gracias, hasta {day}."),
        ),
        topics=("dental",), weight=3,
    ),
    Script(
        "número equivocado", "es", VOICE,
        (
            GREETING,
            Hear(("¿Es {wrong}?", "Perdone, ¿no es {wrong}?")),
            Say("No, esto es {business}. ¿Le puedo ayudar en algo?"),
            Hear("No, me he equivocado. Disculpe."),
        ),
    ),
    Script(
        "quiere hablar con una persona", "es", VOICE,
        (
            GREETING,
            Hear(("Con una persona, por favor. No quiero hablar con una máquina.", "¿Otra vez la máquina? Páseme con alguien.")),
            Say("Enseguida. ¿Me dice antes de qué se trata para pasarle con el compañero que mejor", cut=0.5),
            Hear("Que no. Llevo {days} días llamando por lo mismo y es {swear}."),
            Tool("historial", {"telefono": "{number}"}, {"llamadas": "{days}"}),
            Say("Lo veo, {first}, y lo siento. Le paso con {operator}."),
            Quiet(3),
            Forward(),
        ),
        weight=1.5,
    ),
    Script(
        "menú con teclas", "es", ("phone",),
        (
            Say("Bienvenido a {business}. Marque uno para pedidos, dos para reservas, o dígame qué necesita."),
            Keys("1"),
            Say("Pedidos. Marque los cuatro dígitos de su número de cliente."),
            Keys("{pin}"),
            Tool("cliente", {"codigo": "{pin}"}, {"nombre": "{name}", "pedidos": 1}),
            Say("Hola, {first}. Su último pedido ya está preparado y lo puede recoger {day}."),
            Hear("Perfecto, eso quería saber."),
        ),
        topics=("shop", "restaurant"),
    ),
    Script(
        "recordatorio", "es", ("phone",),
        (
            Say("Buenos días, le llamo de {business} para recordarle su visita de {day} a {time}. ¿Va a poder venir?"),
            Hear(("Sí, allí estaré.", "Uf, se me había olvidado. Sí, voy.")),
            Tool("confirmar", {"telefono": "{number}"}, {"confirmado": True}),
            Say("Gracias, {first}. Hasta {day}."),
        ),
        direction="outbound", weight=2,
    ),
    Script("nadie contesta", "es", ("phone",), (), direction="outbound", outcome="no-answer", weight=1.5),
)  # fmt: skip
