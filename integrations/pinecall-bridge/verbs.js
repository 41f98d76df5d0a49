// What an operator may ask of an agent, and with which fields. agent.send() would pass anything on.

const VERBS = {
  "session.pause": ["agent_id", "session_id", "contact"],
  "session.resume": ["agent_id", "session_id", "contact"],
  "session.send": ["agent_id", "session_id", "contact", "text"],
  "session.configure": ["session_id", "language"],
  "call.accept": ["agent_id", "call_id"],
  "call.reject": ["agent_id", "call_id", "reason"],
  "call.hold": ["call_id"],
  "call.unhold": ["call_id"],
  "call.mute": ["call_id"],
  "call.unmute": ["call_id"],
  "call.dtmf": ["call_id", "digits"],
  "call.forward": ["call_id", "to", "message", "announce"],
  "call.hangup": ["call_id"],
  "call.dial": ["agent_id", "to", "from", "greeting", "metadata", "detect_turn_end"],
  "call.route": ["call_id", "agent", "language", "greeting"],
  "bot.reply": ["call_id", "message_id", "text", "in_reply_to", "add_to_history"],
  "bot.reply.stream": ["call_id", "message_id", "action", "token", "in_reply_to"],
  "bot.cancel": ["call_id", "message_id"],
  "bot.clear": ["call_id"],
  "history.add": ["call_id", "request_id", "messages"],
  "history.add_context": ["call_id", "request_id", "text"],
};

/** As the voice server spells agents. */
export const slug = (id) => String(id).split(":").pop().toLowerCase().replace(/[ _]/g, "-").replace(/[^a-z0-9-]/g, "");

/** The reason against a command, "" when there is none. */
export function whyNot(command, agent) {
  if (command === null || typeof command !== "object" || Array.isArray(command)) return "This is no command.";
  const event = String(command.event);
  if (!Object.hasOwn(VERBS, event)) return `"${event.slice(0, 100)}" is nothing that an operator may ask.`;
  const strange = Object.keys(command).find((key) => key !== "event" && !VERBS[event].includes(key));
  if (strange !== undefined) return `"${strange.slice(0, 100)}" does not belong to "${event}".`;
  if (command.agent_id !== undefined && slug(command.agent_id) !== slug(agent.id)) return `This bridge speaks for ${agent.id} alone.`;
  return "";
}
