// The Scheduler's operations over the store. Called by server.ts, which knows HTTP.

import { createHash } from "node:crypto";
import { invalid, ServiceError } from "../rest-json/errors.ts";
import { type Fields, oneOf, required } from "../rest-json/members.ts";
import type { Input } from "../rest-json/server.ts";
import { firstRun } from "./calendar.ts";
import { parseExpression } from "./expression.ts";
import { page } from "./paging.ts";
import type { Replays } from "./replays.ts";
import { nameIn, settingsIn, tokenIn } from "./rules.ts";
import type { Group, Schedule, Settings } from "./shapes.ts";
import { keyOf, type Store, type Stored, withDue } from "./store.ts";

/**
 * What becomes of an at() that is past when it is created. Neither the user guide nor the API reference says, so that a
 * client has to do well with each (DefangLabs/pulumi-defang #425, for one, counts on a refusal).
 */
export type PastOneTime = "fires" | "refused" | "never";

export interface World {
  readonly store: Store;
  readonly replays: Replays;
  readonly now: () => number;
  readonly pastOneTime: PastOneTime;
  /** Roles the Scheduler may assume; left out = any. */
  readonly roles?: readonly string[];
  /** Called after each change of a schedule. */
  readonly changed: () => void;
}

const ACCOUNT = "arn:aws:scheduler:us-east-1:000000000000";
export const DEFAULT_GROUP = "default";

/** The name in the path; the client refuses to send an empty one. */
const nameOf = ({ path }: Input): string => required(nameIn(path, "Name"), "name");
const groupNameIn = (fields: Fields, member: string): string => nameIn(fields, member) ?? DEFAULT_GROUP;
const seconds = (ms: number): number => ms / 1_000;

export const addGroup = ({ store, now }: Pick<World, "store" | "now">, name: string): Group => {
  const CreationDate = seconds(now());
  const Arn = `${ACCOUNT}:schedule-group/${name}`;
  const group: Group = { Arn, Name: name, State: "ACTIVE", CreationDate, LastModificationDate: CreationDate };
  store.groups.set(name, group);
  store.save();
  return group;
};

const groupNamed = (store: Store, name: string): Group => {
  const group = store.groups.get(name);
  if (group === undefined)
    throw new ServiceError("ResourceNotFoundException", `Schedule group ${name} does not exist.`);
  return group;
};

const storedAt = (store: Store, GroupName: string, Name: string): Stored => {
  const stored = store.schedules.get(keyOf({ GroupName, Name }));
  if (stored === undefined)
    throw new ServiceError("ResourceNotFoundException", `Schedule ${Name} does not exist.`);
  return stored;
};

/** The service tries to assume the role when a schedule is written; its own words. */
const checkRole = ({ roles }: World, { Target }: Settings): void => {
  if (roles === undefined || roles.includes(Target.RoleArn)) return;
  throw invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
};

const put = (world: World, schedule: Schedule): { readonly ScheduleArn: string } => {
  const nowMs = world.now();
  const isOnce = parseExpression(schedule.ScheduleExpression).kind === "at";
  const dueMs = firstRun(schedule, nowMs);
  const isPast = isOnce && schedule.State === "ENABLED" && dueMs !== undefined && dueMs < nowMs;
  if (isPast && world.pastOneTime === "refused") {
    throw invalid(`Invalid Schedule Expression ${schedule.ScheduleExpression}. The time is past.`);
  }
  const isDue = !(isPast && world.pastOneTime === "never");
  world.store.schedules.set(
    keyOf(schedule),
    withDue({ schedule, sinceMs: nowMs }, isDue ? dueMs : undefined),
  );
  world.store.save();
  world.changed();
  return { ScheduleArn: schedule.Arn };
};

const createSchedule = (world: World, input: Input): unknown =>
  write(world, input, "create", ({ GroupName, Name }, now) => {
    const { store } = world;
    groupNamed(store, GroupName);
    if (store.schedules.has(keyOf({ GroupName, Name }))) {
      throw new ServiceError("ConflictException", `Schedule ${Name} already exists.`);
    }
    return { Arn: `${ACCOUNT}:schedule/${GroupName}/${Name}`, CreationDate: now };
  });

const updateSchedule = (world: World, input: Input): unknown =>
  write(world, input, "update", ({ GroupName, Name }) => storedAt(world.store, GroupName, Name).schedule);

/** Both replace all of it; `kept` says what an update leaves as it is, and throws when there is nothing to write. */
const write = (
  world: World,
  input: Input,
  verb: "create" | "update",
  kept: (key: Pick<Schedule, "GroupName" | "Name">, now: number) => Pick<Schedule, "Arn" | "CreationDate">,
): unknown => {
  const { replays, now } = world;
  const Name = nameOf(input);
  const GroupName = groupNameIn(input.body, "GroupName");
  const settings = settingsIn(input.body, now());
  const token = tokenIn(input.body, "ClientToken");
  return replays.once(`${verb} ${GroupName}/${Name}`, token, digest(settings), () => {
    checkRole(world, settings);
    const LastModificationDate = seconds(now());
    const { Arn, CreationDate } = kept({ GroupName, Name }, LastModificationDate);
    return put(world, { ...settings, Arn, GroupName, Name, CreationDate, LastModificationDate });
  });
};

const getSchedule = ({ store }: World, input: Input): unknown =>
  storedAt(store, groupNameIn(input.query, "groupName"), nameOf(input)).schedule;

const deleteSchedule = ({ store, replays, changed }: World, input: Input): unknown => {
  const Name = nameOf(input);
  const GroupName = groupNameIn(input.query, "groupName");
  return replays.once(`delete ${GroupName}/${Name}`, tokenIn(input.query, "clientToken"), "", () => {
    storedAt(store, GroupName, Name);
    store.schedules.delete(keyOf({ GroupName, Name }));
    store.save();
    changed();
    return {};
  });
};

/** Summaries, without the expression and the target's Input: model, ScheduleSummary and TargetSummary. */
const listSchedules = ({ store }: World, { query }: Input): unknown => {
  const group = nameIn(query, "ScheduleGroup");
  if (group !== undefined) groupNamed(store, group);
  const prefix = nameIn(query, "NamePrefix") ?? "";
  const state = oneOf(query, "State", ["ENABLED", "DISABLED"]);
  const found = [...store.schedules.values()]
    .map(({ schedule }) => schedule)
    .filter(({ GroupName, Name, State }) => {
      return (group ?? GroupName) === GroupName && Name.startsWith(prefix) && (state ?? State) === State;
    });
  const { items, NextToken } = page(found, keyOf, query);
  return { Schedules: items.map(summaryOf), NextToken };
};

const summaryOf = ({
  Arn,
  Name,
  GroupName,
  State,
  CreationDate,
  LastModificationDate,
  Target,
}: Schedule) => ({
  Arn,
  Name,
  GroupName,
  State,
  CreationDate,
  LastModificationDate,
  Target: { Arn: Target.Arn },
});

const createGroup = (world: World, input: Input): unknown => {
  const { store, replays } = world;
  const name = nameOf(input);
  return replays.once(`create ${name}`, tokenIn(input.body, "ClientToken"), "", () => {
    if (store.groups.has(name)) {
      throw new ServiceError("ConflictException", `Schedule group ${name} already exists.`);
    }
    return { ScheduleGroupArn: addGroup(world, name).Arn };
  });
};

/** "Deleting a schedule group results in EventBridge Scheduler deleting all schedules associated with the group"; at once. */
const deleteGroup = ({ store, replays, changed }: World, input: Input): unknown => {
  const name = nameOf(input);
  return replays.once(`delete ${name}`, tokenIn(input.query, "clientToken"), "", () => {
    // User guide, "Managing a schedule group": the default group cannot be deleted.
    if (name === DEFAULT_GROUP) throw invalid("The default schedule group cannot be deleted.");
    groupNamed(store, name);
    store.groups.delete(name);
    for (const [key, { schedule }] of store.schedules)
      if (schedule.GroupName === name) store.schedules.delete(key);
    store.save();
    changed();
    return {};
  });
};

const listGroups = ({ store }: World, { query }: Input): unknown => {
  const prefix = nameIn(query, "NamePrefix") ?? "";
  const found = [...store.groups.values()].filter(({ Name }) => Name.startsWith(prefix));
  const { items, NextToken } = page(found, ({ Name }) => Name, query);
  return { ScheduleGroups: items, NextToken };
};

const digest = (settings: Settings): string =>
  createHash("sha256").update(JSON.stringify(settings)).digest("hex");

/** model: requestUri of each. The operations for tags are missing. */
export const OPERATIONS = {
  CreateSchedule: { method: "POST", path: "/schedules/{Name}", run: createSchedule },
  GetSchedule: { method: "GET", path: "/schedules/{Name}", run: getSchedule },
  UpdateSchedule: { method: "PUT", path: "/schedules/{Name}", run: updateSchedule },
  DeleteSchedule: { method: "DELETE", path: "/schedules/{Name}", run: deleteSchedule },
  ListSchedules: { method: "GET", path: "/schedules", run: listSchedules },
  CreateScheduleGroup: { method: "POST", path: "/schedule-groups/{Name}", run: createGroup },
  GetScheduleGroup: {
    method: "GET",
    path: "/schedule-groups/{Name}",
    run: ({ store }: World, input: Input) => groupNamed(store, nameOf(input)),
  },
  DeleteScheduleGroup: { method: "DELETE", path: "/schedule-groups/{Name}", run: deleteGroup },
  ListScheduleGroups: { method: "GET", path: "/schedule-groups", run: listGroups },
} as const;

export type OperationName = keyof typeof OPERATIONS;
