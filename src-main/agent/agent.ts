import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { PicketError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { dialSocket } from "../wire/node/dialSocket.ts";
import type { KeepAlive } from "../wire/node/keepAlive.ts";
import { collectFacts } from "./facts/facts.ts";
import { NodeIdentity } from "./identity/nodeIdentity.ts";
import { LinuxSampler } from "./metrics/linuxSampler.ts";
import { MetricsLoop } from "./metrics/metricsLoop.ts";
import { PortableSampler } from "./metrics/portableSampler.ts";
import { Policy } from "./policy/policy.ts";
import { ResultSpool } from "./spool/resultSpool.ts";
import { NodesUpstream } from "./upstream/nodesUpstream.ts";
import { ReconnectHints } from "./upstream/reconnectHints.ts";

/** A core that this agent serves. */
export interface UpstreamSpec {
  /** For logs and the ready line. */
  readonly name: string;
  /** The folder for this upstream's identity and spool, inside the agent's. */
  readonly folder: string;
  /** The address of the nodes endpoint without its query. */
  readonly url: string;
  /** Instead of the URL's host: a core in this very process. */
  readonly socketPath?: string | undefined;
  readonly nodeId?: string | undefined;
  /** The enrolment token to use, if any; asked once at the start. */
  readonly token: (identity: { readonly nodeId: string; readonly enrolled: boolean }) => Promise<string | undefined>;
}

export interface AgentOptions {
  /** The agent's folder inside the data folder. */
  readonly folder: string;
  readonly policyFile: string;
  readonly upstreams: readonly UpstreamSpec[];
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepAlive: KeepAlive;
  /** In PEM: trusted beside the system's. */
  readonly certificateAuthority?: string | undefined;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
  readonly onConnected: (upstream: UpstreamSpec) => void;
  readonly onRefused: (upstream: UpstreamSpec, error: PicketError) => void;
}

/** This machine as a managed node. */
export class Agent {
  readonly #loop: MetricsLoop;
  readonly #hints: ReconnectHints;
  readonly #upstreams: readonly NodesUpstream[];
  /** The node ids, in the order of the upstreams. */
  readonly nodeIds: readonly string[];

  private constructor(parts: {
    readonly loop: MetricsLoop;
    readonly hints: ReconnectHints;
    readonly upstreams: readonly NodesUpstream[];
    readonly nodeIds: readonly string[];
  }) {
    this.#loop = parts.loop;
    this.#hints = parts.hints;
    this.#upstreams = parts.upstreams;
    this.nodeIds = parts.nodeIds;
  }

  /** @throws {PicketError} `CONFIG_INVALID` for a broken policy or identity */
  static async start(options: AgentOptions): Promise<Agent> {
    const { clock, logger, folder } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const policy = await Policy.load({ file: options.policyFile, logger });
    const sampler = process.platform === "linux" ? new LinuxSampler(clock) : new PortableSampler();
    const loop = new MetricsLoop({ sampler, clock, logger });
    const upstreams: NodesUpstream[] = [];
    const hints = new ReconnectHints(clock, () => {
      for (const upstream of upstreams) upstream.retryNow();
    });
    // One process for the facts, however many cores ask for them in the same moment.
    let facts: Promise<Record<string, unknown> | undefined> | undefined;
    const nodeIds: string[] = [];
    for (const spec of options.upstreams) {
      const own = join(folder, spec.folder);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      const identity = NodeIdentity.load(join(own, "identity.json"), spec.nodeId);
      nodeIds.push(identity.nodeId);
      const upstream: NodesUpstream = new NodesUpstream({
        name: spec.name,
        dial: ({ token, nodeId }, attach) => {
          const query = new URLSearchParams({ token, node_id: nodeId });
          const { socketPath } = spec;
          return dialSocket(
            {
              url: `${spec.url}?${query}`,
              ...(socketPath === undefined ? {} : { socketPath }),
              clock,
              keepAlive: options.keepAlive,
              certificateAuthority: options.certificateAuthority,
            },
            attach,
          );
        },
        token: await spec.token(identity),
        identity,
        policy,
        results: new ResultSpool(join(own, "results"), logger),
        samplesFile: join(own, "samples.spool"),
        journalFile: join(own, "commands.journal"),
        facts: () => {
          facts ??= collectFacts(logger).finally(() => {
            facts = undefined;
          });
          return facts;
        },
        version: options.version,
        clock,
        logger,
        trace: options.trace,
        onConnected: () => options.onConnected(spec),
        onInterval: () => loop.intervalChanged(),
        onRefused: (error) => options.onRefused(spec, error),
        onState: () => hints.setWaiting(upstreams.some(({ state }) => state.status === "waiting")),
      });
      upstreams.push(upstream);
      loop.add(upstream);
    }
    for (const upstream of upstreams) upstream.start();
    await loop.start();
    return new Agent({ loop, hints, upstreams, nodeIds });
  }

  /** Ends what runs for a core, keeps what is not acked, and closes the connections. */
  async close(): Promise<void> {
    this.#loop.dispose();
    await Promise.all(this.#upstreams.map((upstream) => upstream.close()));
    // Last: an upstream that loses its link while it closes asks for hints once more.
    this.#hints.dispose();
  }
}
