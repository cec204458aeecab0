// Example plugin: real randomness. A language model cannot roll dice or draw lots; what it writes is what is likely.
//
// A plugin is a self-contained ES module in the folder plugins/ of the home directory. It exports `register`, which
// is called once per start with a host:
//   host.addTool(tool)          adds a tool (its toolset is on unless agent.disabled_toolsets names it)
//   host.setMemory(provider)    provides the long-term memory: { name, recall, remember, tools } and, if it can, known,
//                               forget, onPreCompress, onSessionEnd (src/memory-ports.ts); one plugin only
//   host.log                    debug, info, warn, error (message, fields)
// It may import Node's own modules and nothing of the project. If it throws, it is left out and the log says why.

import { randomInt } from "node:crypto";

/**
 * @typedef {object} Tool
 * @property {string} name           letters, digits, _ and -
 * @property {string} description    what the model reads to decide
 * @property {object} parameters     JSON Schema of the arguments
 * @property {string} toolset
 * @property {boolean} parallel      may run beside others: it only reads
 * @property {boolean} repeatable    may run again when a crash left its result unknown
 * @property {boolean} [untrusted]   its result is somebody else's text
 * @property {(args: Record<string, unknown>, context: object) => Promise<{ text: string }>} run
 */

/** @param {{ addTool(tool: Tool): void }} host */
export function register(host) {
  host.addTool(rollDice);
  host.addTool(drawLots);
}

const MAX_DICE = 100;
const MAX_SIDES = 1000;

/** @type {Tool} */
const rollDice = {
  name: "roll_dice",
  description: "True randomness: for every roll, coin flip (1d2) or random number.",
  parameters: {
    type: "object",
    properties: {
      dice: {
        type: "string",
        description: "1d6, 2d20, 3d6+2, 1d100-5",
      },
    },
    required: ["dice"],
  },
  toolset: "chance",
  parallel: true,
  repeatable: true,
  run: async ({ dice }) => ({ text: roll(String(dice ?? "")) }),
};

/** @type {Tool} */
const drawLots = {
  name: "draw_lots",
  description: "Pick at random from a list, or shuffle it.",
  parameters: {
    type: "object",
    properties: {
      options: {
        type: "array",
        items: { type: "string" },
        description: "2 to 200 entries.",
      },
      count: {
        type: "integer",
        minimum: 1,
        description: "Default 1, without putting back.",
      },
    },
    required: ["options"],
  },
  toolset: "chance",
  parallel: true,
  repeatable: true,
  run: async ({ options, count = 1 }) => ({ text: draw(options, count) }),
};

/** @param {string} dice */
function roll(dice) {
  const match = /^\s*(\d{0,3})d(\d{1,4})\s*(?:([+-])\s*(\d{1,6}))?\s*$/i.exec(dice);
  if (!match) return `Error: "${dice.slice(0, 40)}" is not a roll. Write it like 2d6 or 1d20+3.`;
  const count = Number(match[1] || 1);
  const sides = Number(match[2]);
  if (count < 1 || count > MAX_DICE || sides < 2 || sides > MAX_SIDES) {
    return `Error: 1 to ${MAX_DICE} dice with 2 to ${MAX_SIDES} sides, please.`;
  }
  const rolls = Array.from({ length: count }, () => randomInt(1, sides + 1));
  const bonus = match[4] ? Number(`${match[3]}${match[4]}`) : 0;
  const total = rolls.reduce((sum, one) => sum + one, bonus);
  return `${rolls.join(" + ")}${bonus ? ` ${bonus > 0 ? "+" : "-"} ${Math.abs(bonus)}` : ""} = ${total}`;
}

/**
 * @param {unknown} options
 * @param {unknown} count
 */
function draw(options, count) {
  if (!Array.isArray(options) || options.length < 2 || options.length > 200) {
    return "Error: options must be a list of 2 to 200 entries.";
  }
  if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > options.length) {
    return `Error: count must be a whole number from 1 to ${options.length}.`;
  }
  const rest = options.map(String);
  const drawn = Array.from({ length: Number(count) }, () => rest.splice(randomInt(rest.length), 1)[0]);
  return drawn.map((one, index) => `${index + 1}. ${one}`).join("\n");
}
