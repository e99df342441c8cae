import * as z from "zod/mini";

/**
 * Containers as every protocol that has them writes them. Whoever makes a container chooses its texts: they are bounded
 * here and shown as text only.
 */
const text = (longest: number) => z.string().check(z.maxLength(longest));
const port = z.number().check(z.int(), z.gte(0), z.lte(65_535));
const amount = z.nullable(z.number().check(z.gte(0)));

/** A node that has more is told apart by its engine's own tools. */
export const maxContainers = 1_000;

const containerPort = z.object({
  address: z.nullable(text(64)),
  published: z.nullable(port),
  target: port,
  protocol: text(16),
});

/** How a container is named in a request: an id or a name. What starts like an option or a path is neither. */
export const containerReference = z.string().check(z.regex(/^[a-zA-Z0-9][\w.-]{0,254}$/));

export const containerShape = z.object({
  id: text(128).check(z.minLength(1)),
  name: text(256),
  image: text(512),
  state: z.enum(["created", "running", "paused", "restarting", "removing", "exited", "dead", "unknown"]),
  status: text(256),
  /** Milliseconds since 1970. */
  created: z.number(),
  ports: z.array(containerPort).check(z.maxLength(128)),
});

export const containerListShape = z.object({
  engine: z.nullable(z.object({ name: text(64), version: text(64) })),
  containers: z.array(containerShape).check(z.maxLength(maxContainers)),
});

export const containerStatsShape = z.object({
  /** Milliseconds since 1970. */
  time: z.number(),
  /** Percent of one processor. */
  cpu: amount,
  /** Bytes. */
  memory: z.object({ used: amount, limit: amount }),
  network: z.object({ rx: amount, tx: amount }),
  disk: z.object({ read: amount, write: amount }),
  processes: amount,
});

export const containerActionShape = z.enum(["start", "stop", "restart", "pause", "unpause", "kill", "remove"]);
