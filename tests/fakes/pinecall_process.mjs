// A customer's process: one agent, the bridge, and orders of the test as lines of JSON on standard input. Answers on standard output.
import { createInterface } from "node:readline";
import { bridge } from "../../integrations/pinecall-bridge/bridge.js";
import { Agent, Client } from "./pinecall_agent.mjs";

const { options } = JSON.parse(process.argv[2]);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const agent = new Agent("frontdesk");
const pc = new Client();
const records = new Map();
agent.on("fake.sent", (command) => say({ sent: command }));
const joined = bridge(pc, agent, {
  ...options,
  token: process.env.CONSOLE_TOKEN,
  history: (callId) => {
    say({ asked: callId });
    return records.get(callId) ?? null;
  },
  warn: (text) => say({ warned: text }),
});

const DO = {
  start: ({ call, fields }) => void agent.start(call, fields),
  tell: ({ call, event, fields }) => agent.tell(call, event, fields),
  end: ({ call, reason }) => agent.end(call, reason),
  flood: ({ call, event, fields, times }) => {
    for (let number = 0; number < times; number++) agent.tell(call, event, { ...fields, wordIndex: number });
  },
  fail: ({ reason }) => agent.failToDial(reason),
  keep: ({ record }) => void records.set(record.callId, record),
  record: ({ call, source }) => joined.recording(call, source),
  lose: () => pc.lose(agent),
  find: () => pc.find(),
  nothing: () => {},
  close: ({ ms }) => joined.close(ms),
};
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  await DO[order.do](order);
  say({ did: order.do, heap: process.memoryUsage().heapUsed });
}
process.exit(0);
