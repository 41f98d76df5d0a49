"""Event names: which spellings mean the same. Contract A.1 and D; names are compared folded."""

# Every other name of a row of the catalogue. What only differs by ``_`` or case is found without a line here,
# but the usual spellings of the wire are found at once.
ALIASES = {
    "llm.tool_call": "llm.toolCall",
    "llm.tool_result": "llm.toolResult",
    "session.idle_warning": "session.idleWarning",
    "whatsapp.session_ended": "whatsapp.sessionEnded",
    "llm.before": "call.preparing",
    "llm.preparing_timeout": "call.preparingTimeout",
    "llm.chat.started": "chat.started",
    "whatsapp.session_started": "whatsapp.started",
    "whatsapp.ended": "whatsapp.sessionEnded",
    "bot.confirmed": "message.confirmed",
}

# Names that A.1 counts as another name but that are read by rules of their own.
CANONICAL = {
    "chat.message": "user.message",
    "chat.response": "bot.speaking",
    "llm.chat.chunk": "bot.speaking",
    "llm.chat.ended": "call.ended",
    "llm.chat.error": "call.ended",
}
