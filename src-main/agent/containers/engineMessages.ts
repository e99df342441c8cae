import * as z from "zod/mini";
import { maxContainers } from "../../protocols/containerShapes.ts";
import type { Container, ContainerEvent } from "./containerEngine.ts";

/** What Docker and Podman answer, as far as it is used. What is missing or odd is left out, not the whole answer. */
const text = z.catch(z.string(), "");
const amount = z.catch(z.nullable(z.number().check(z.gte(0))), null);

const port = z.object({
  IP: text,
  PrivatePort: z.number().check(z.int(), z.gte(0), z.lte(65_535)),
  PublicPort: z.catch(z.nullable(z.number().check(z.int(), z.gte(1), z.lte(65_535))), null),
  Type: text,
});

const container = z.object({
  Id: z.string().check(z.minLength(1)),
  Names: z.catch(z.array(z.string()), []),
  Image: text,
  State: text,
  Status: text,
  /** Seconds. */
  Created: z.catch(z.number(), 0),
  Ports: z.catch(z.array(z.unknown()), []),
});

const event = z.object({
  Type: text,
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.catch(z.record(z.string(), z.unknown()), {}) }),
  time: z.number(),
});

const version = z.object({
  Version: text,
  Components: z.catch(z.array(z.object({ Name: text })), []),
});

const details = z.object({
  Id: z.string(),
  Name: text,
  Config: z.catch(z.object({ Tty: z.catch(z.boolean(), false) }), { Tty: false }),
});

const exec = z.object({
  ExitCode: z.catch(z.nullable(z.number()), null),
  Pid: z.catch(z.number(), 0),
  Running: z.boolean(),
});

const cpu = z.object({ cpu_usage: z.object({ total_usage: z.number() }) });
const stats = z.object({
  read: z.string(),
  preread: text,
  cpu_stats: z.catch(z.nullable(cpu), null),
  precpu_stats: z.catch(z.nullable(cpu), null),
  memory_stats: z.catch(
    z.object({ usage: amount, limit: amount, stats: z.catch(z.record(z.string(), z.unknown()), {}) }),
    { usage: null, limit: null, stats: {} },
  ),
  networks: z.catch(z.nullable(z.record(z.string(), z.object({ rx_bytes: amount, tx_bytes: amount }))), null),
  blkio_stats: z.catch(
    z.object({ io_service_bytes_recursive: z.catch(z.array(z.object({ op: z.string(), value: z.number() })), []) }),
    { io_service_bytes_recursive: [] },
  ),
  pids_stats: z.catch(z.object({ current: amount }), { current: null }),
});
export type EngineStats = z.output<typeof stats>;

export const readVersion = reader(version);
export const readDetails = reader(details);
export const readExec = reader(exec);
export const readStats = reader(stats);
const readEvent = reader(event);
const readPort = reader(port);
const readContainer = reader(container);

const states = ["created", "running", "paused", "restarting", "removing", "exited", "dead"] as const;

/** The engine's list, as the node reports it. */
export function readContainers(answer: unknown): Container[] {
  if (!Array.isArray(answer)) return [];
  return answer.slice(0, maxContainers).flatMap((item) => {
    const read = readContainer(item);
    return read === undefined ? [] : [toContainer(read)];
  });
}

/** An event of a container, in the words of Docker; undefined when it is none that changes anything. */
export function readContainerEvent(line: unknown): ContainerEvent | undefined {
  const read = readEvent(line);
  if (read?.Type !== "container" || read.Action.startsWith("exec_")) return undefined;
  const { ID, Attributes } = read.Actor;
  const word = (name: string): string => (typeof Attributes[name] === "string" ? Attributes[name] : "");
  const exitCode = Number.parseInt(word("exitCode") || word("containerExitCode"), 10);
  const happened = read.Action === "died" ? "die" : read.Action;
  return {
    container: { id: clip(ID, 128), name: clip(plainName(word("name")), 256), image: clip(word("image"), 512) },
    event: clip(happened, 64),
    time: read.time * 1000,
    ...(happened === "die" && Number.isInteger(exitCode) ? { exitCode } : {}),
  };
}

/** A container's name without the slash that Docker puts before it. */
export function plainName(name: string): string {
  return name.replace(/^\//, "");
}

function toContainer(read: z.output<typeof container>): Container {
  return {
    id: clip(read.Id, 128),
    name: clip(plainName(read.Names[0] ?? ""), 256),
    image: clip(read.Image, 512),
    state: states.find((state) => state === read.State.toLowerCase()) ?? "unknown",
    status: clip(read.Status, 256),
    created: read.Created * 1000,
    ports: read.Ports.slice(0, 32).flatMap((item) => {
      const one = readPort(item);
      if (one === undefined) return [];
      const address = one.IP === "" ? null : clip(one.IP, 64);
      return [{ address, published: one.PublicPort, target: one.PrivatePort, protocol: clip(one.Type, 16) }];
    }),
  };
}

function clip(value: string, longest: number): string {
  return value.slice(0, longest);
}

function reader<S extends z.ZodMiniType>(schema: S): (value: unknown) => z.output<S> | undefined {
  return (value) => {
    const checked = z.safeParse(schema, value);
    return checked.success ? checked.data : undefined;
  };
}
