import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHomeFiles } from "../../src/adapters/home-files.ts";
import { createLogLines } from "../home/log-lines.ts";

const PACKAGED = new URL("../../home/", import.meta.url);
const PLUGIN = (name: string) => `export const register = (host) => host.addTool({
  name: "${name}", description: "d", parameters: { type: "object" }, toolset: "mine",
  parallel: true, repeatable: true, run: async () => ({ text: "${name} ran" }) });`;

let root: string;
let target: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "home-files-"));
  target = join(root, "hermes");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const put = async (folder: string, files: Readonly<Record<string, string>>): Promise<string> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, folder, name)), { recursive: true });
    await writeFile(join(root, folder, name), text);
  }
  return join(root, folder);
};

const homes = (source: URL | string, options: { builtInTools?: string[] } = {}) => {
  const log = createLogLines();
  const files = createHomeFiles({ source, target, log, builtInTools: [], ...options });
  return { ...files, lines: log.lines };
};

const inTarget = (name: string) => readFile(join(target, name), "utf8");

/** A start in a process of its own; prints its persona. */
const startProcess = (source: string) => {
  const script = `
    import { createHomeFiles } from ${JSON.stringify(new URL("../../src/adapters/home-files.ts", import.meta.url).href)};
    const quiet = () => {};
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const [source, target] = process.argv.slice(1);
    console.log("start");
    const home = await createHomeFiles({ source, target, log, builtInTools: [] }).seed();
    console.log(home.soul);`;
  return spawn(process.execPath, ["--input-type=module", "-e", script, source, target], {
    stdio: ["ignore", "pipe", "inherit"],
  });
};

describe("the packaged home", () => {
  it("is seeded and read: settings, persona, skills, the example plugin, not a word in the log", async () => {
    const { seed, lines } = homes(PACKAGED);
    const home = await seed();
    expect(lines).toEqual([]);
    expect(home.config.session_reset.mode).toBe("none");
    expect(home.soul).toContain("You are Hermes");
    expect(home.bundledSkills.map(({ path }) => path)).toEqual([
      "authoring/skill-writing/SKILL.md",
      "planning/weekly-review/SKILL.md",
      "research/page-brief/SKILL.md",
    ]);
    expect(home.plugins.tools.map(({ name }) => name)).toEqual(["roll_dice", "draw_lots"]);
    expect([...home.toolsets]).toEqual(expect.arrayContaining(["chance", "clarify", "todo", "web"]));
    for (const name of [
      "config.yaml",
      "SOUL.md",
      "plugins/chance.mjs",
      "skills/research/page-brief/SKILL.md",
    ]) {
      expect(await inTarget(name)).toBe(await readFile(new URL(name, PACKAGED), "utf8"));
    }
    expect(home.bundledSkills).toContainEqual({
      path: "research/page-brief/SKILL.md",
      text: expect.stringContaining("page-brief"),
    });
  });

  it("is set up once a process", async () => {
    const { seed } = homes(PACKAGED);
    const first = seed();
    expect(seed()).toBe(first);
    await first;
    await rm(target, { recursive: true });
    expect(await seed()).toBe(await first);
  });
});

describe("a plugin dropped into the home", () => {
  it.each(["mine.mjs", "mine.js"])("is loaded beside the packaged one (%s)", async (name) => {
    await put("hermes/plugins", { [name]: PLUGIN("my_tool") });
    const home = await homes(PACKAGED).seed();
    expect(home.plugins.tools.map((tool) => tool.name)).toEqual(["roll_dice", "draw_lots", "my_tool"]);
    expect(home.toolsets).toContain("mine");
  });

  it("is loaded anew by the next start when its content changed", async () => {
    await put("hermes/plugins", { "mine.mjs": PLUGIN("before") });
    await homes(PACKAGED).seed();
    await put("hermes/plugins", { "mine.mjs": PLUGIN("after") });
    const home = await homes(PACKAGED).seed();
    expect(home.plugins.tools.map(({ name }) => name)).toContain("after");
  });

  it("that is broken costs one line and nothing else", async () => {
    await put("hermes/plugins", {
      "a.mjs": "export const register = ;",
      "b.mjs": PLUGIN("taken"),
      "c.mjs": PLUGIN("fine"),
    });
    const { seed, lines } = homes(PACKAGED, { builtInTools: ["taken"] });
    expect((await seed()).plugins.tools.map(({ name }) => name)).toEqual(["fine", "roll_dice", "draw_lots"]);
    expect(lines.map(({ fields }) => fields["plugin"])).toEqual(["a.mjs", "b.mjs"]);
  });
});

describe("a new version of the package", () => {
  const OLD = { "SOUL.md": "old", "plugins/gone.mjs": PLUGIN("gone"), "skills/a/SKILL.md": "A" };
  const NEW = { "SOUL.md": "new", "plugins/come.mjs": PLUGIN("come") };

  it("replaces the old one: changed files change, removed files disappear, a person's own stay", async () => {
    await homes(await put("old", OLD)).seed();
    await put("hermes", { "plugins/mine.mjs": PLUGIN("mine"), "skills/own/SKILL.md": "Own" });
    const home = await homes(await put("new", NEW)).seed();
    expect(home.soul).toBe("new");
    expect(home.plugins.tools.map(({ name }) => name)).toEqual(["come", "mine"]);
    expect(home.bundledSkills.map(({ path }) => path)).toEqual(["own/SKILL.md"]);
    expect((await readdir(join(target, "plugins"))).sort()).toEqual(["come.mjs", "mine.mjs"]);
    expect(await readdir(join(target, "skills/a"))).toEqual([]);
    expect(await inTarget("SOUL.md")).toBe("new");
  });

  it("may be taken back", async () => {
    const [old, fresh] = [await put("old", OLD), await put("new", NEW)];
    for (const source of [old, fresh, old]) await homes(source).seed();
    expect(await inTarget("SOUL.md")).toBe("old");
    expect(await readdir(join(target, "plugins"))).toEqual(["gone.mjs"]);
  });

  it("does not touch a file a person put in place of a packaged one, and uses it", async () => {
    await put("hermes", { "SOUL.md": "mine", "config.yaml": "agent: {max_turns: 3}" });
    for (const files of [OLD, NEW]) {
      const home = await homes(await put("package", files)).seed();
      expect(home.soul).toBe("mine");
      expect(home.config.agent.max_turns).toBe(3);
    }
    expect(await inTarget("SOUL.md")).toBe("mine");
  });

  it("leaves no old versions and no drafts behind for long", async () => {
    await homes(await put("old", OLD)).seed();
    const seeds = join(target, ".seed");
    await mkdir(join(seeds, "draft-fresh"));
    await mkdir(join(seeds, "draft-crashed"));
    const yesterday = new Date(Date.now() - 86_400_000);
    for (const name of await readdir(seeds)) {
      if (name !== "draft-fresh" && name !== "current") await utimes(join(seeds, name), yesterday, yesterday);
    }
    await homes(await put("new", NEW)).seed();
    const version = await readlink(join(seeds, "current"));
    expect((await readdir(seeds)).sort()).toEqual(["current", "draft-fresh", version].sort());
  });
});

describe("seeding", () => {
  it("by several processes at once succeeds in each", async () => {
    const source = await put("package", { "SOUL.md": "shared", "skills/a/SKILL.md": "A" });
    const starts = Array.from({ length: 6 }, () => startProcess(source));
    const outputs = await Promise.all(starts.map(async (child) => (await child.stdout.toArray()).join("")));
    expect(outputs).toEqual(starts.map(() => "start\nshared\n"));
    expect(await inTarget("SOUL.md")).toBe("shared");
    expect((await readdir(join(target, ".seed"))).length).toBe(2);
  });

  it("of two versions at once gives each start its own, whole", async () => {
    const versions = await Promise.all(
      ["one", "two"].map((name) =>
        put(name, { "SOUL.md": name, "config.yaml": `timezone: ${name === "one" ? "UTC" : "Asia/Tokyo"}` }),
      ),
    );
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => homes(versions[i % 2] ?? "").seed()));
    expect(all.map(({ soul, config }) => `${soul} ${config.timezone}`)).toEqual(
      all.map((_, i) => (i % 2 === 0 ? "one UTC" : "two Asia/Tokyo")),
    );
  });

  it("killed at any moment leaves the old or the new version whole, and the next start completes it", async () => {
    const files = (text: string) =>
      Object.fromEntries([
        ["SOUL.md", text],
        ...Array.from({ length: 150 }, (_, i) => [`skills/s${i}/SKILL.md`, text]),
      ]);
    const [old, fresh] = [await put("old", files("old")), await put("new", files("new"))];
    await homes(old).seed();
    for (const delayMs of [0, 4, 8, 16, 32]) {
      const child = startProcess(fresh);
      await once(child.stdout, "data");
      const kill = setTimeout(() => child.kill("SIGKILL"), delayMs);
      await once(child, "exit");
      clearTimeout(kill);
      const seen = await inTarget("SOUL.md");
      const texts = Array.from({ length: 150 }, (_, i) => inTarget(`skills/s${i}/SKILL.md`));
      expect(["old", "new"]).toContain(seen);
      expect(new Set(await Promise.all(texts))).toEqual(new Set([seen]));
    }
    expect((await homes(fresh).seed()).soul).toBe("new");
    expect(await inTarget("skills/s149/SKILL.md")).toBe("new");
  });

  it("that fails says so, and the next call tries again", async () => {
    await writeFile(target, "a file where the folder belongs");
    const { seed } = homes(PACKAGED);
    await expect(seed()).rejects.toMatchObject({ code: "config", message: /cannot be set up/ });
    await rm(target);
    expect((await seed()).soul).toContain("Hermes");
  });

  it("without a package says where it was looked for", async () => {
    await expect(homes(join(root, "nowhere")).seed()).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("nowhere"),
    });
  });
});

describe("what is read", () => {
  it("is refused when config.yaml is wrong, by file, key and expectation", async () => {
    const source = await put("package", { "config.yaml": "agent: {max_turns: lots}" });
    await expect(homes(source).seed()).rejects.toMatchObject({
      code: "config",
      message: 'config.yaml: agent.max_turns: expected a whole number from 1 to 500, found "lots"',
    });
  });

  it("warns once for each unknown key and toolset, and has one line for what cannot run on Lambda", async () => {
    const config = "toolsets: [hermes-cli, wbe]\nagent: {max_turn: 5}\nstt: {enabled: true}\n";
    const { seed, lines } = homes(await put("package", { "config.yaml": config }));
    const home = await seed();
    expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
      ["warn", { key: "agent.max_turn" }],
      ["warn", { key: "stt" }],
      [
        "info",
        {
          toolsets: ["browser", "code_execution", "computer_use", "delegation", "file", "kanban", "terminal"],
        },
      ],
      ["warn", { toolset: "wbe" }],
    ]);
    expect(home.toolsets).not.toContain("terminal");
  });

  it("has a persona even where SOUL.md is empty, and cuts one that is too long in its middle", async () => {
    expect((await homes(await put("empty", { "SOUL.md": " \n" })).seed()).soul).toMatch(
      /^You are Hermes Agent/,
    );
    const long = `HEAD${"😀".repeat(15_000)}TAIL`;
    const { soul } = await homes(await put("long", { "SOUL.md": long })).seed();
    expect(soul).toMatch(/^HEAD.*SOUL\.md is too long.*TAIL$/s);
    expect(soul.length).toBeLessThan(18_200);
    expect(soul.isWellFormed()).toBe(true);
  });

  it("leaves out what cannot be read, with a line", async () => {
    await mkdir(join(target, "plugins"), { recursive: true });
    await symlink("/nowhere/plugin.mjs", join(target, "plugins/dangling.mjs"));
    const { seed, lines } = homes(PACKAGED);
    expect((await seed()).plugins.tools).toHaveLength(2);
    expect(lines).toMatchObject([{ level: "warn", fields: { file: "plugins/dangling.mjs" } }]);
  });
});
