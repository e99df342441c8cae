import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { PicketError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { KeepAlive } from "../wire/node/keepAlive.ts";
import { DockerEngine } from "./containers/dockerEngine.ts";
import { GuardedEngine } from "./containers/guardedEngine.ts";
import { collectFacts } from "./facts/facts.ts";
import { AgentEvents } from "./logs/agentEvents.ts";
import { LinuxSampler } from "./metrics/linuxSampler.ts";
import { MetricsLoop } from "./metrics/metricsLoop.ts";
import { PortableSampler } from "./metrics/portableSampler.ts";
import { Policy } from "./policy/policy.ts";
import { makeUpstream } from "./upstream/makeUpstream.ts";
import { ReconnectHints } from "./upstream/reconnectHints.ts";
import type { Upstream } from "./upstream/upstream.ts";
import type { UpstreamSpec } from "./upstream/upstreamSpec.ts";

export interface AgentOptions {
  /** The agent's folder inside the data folder. */
  readonly folder: string;
  /** The policy for every server that has none of its own. */
  readonly policyFile: string;
  readonly upstreams: readonly UpstreamSpec[];
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Where the container engine is looked for: `DOCKER_HOST`.
   *
   * @default the process's own
   */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
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
  readonly #upstreams: readonly Upstream[];
  /** What this machine is called at the servers that take its own word for it, in their order. */
  readonly nodeIds: readonly string[];

  private constructor(parts: {
    readonly loop: MetricsLoop;
    readonly hints: ReconnectHints;
    readonly upstreams: readonly Upstream[];
    readonly nodeIds: readonly string[];
  }) {
    this.#loop = parts.loop;
    this.#hints = parts.hints;
    this.#upstreams = parts.upstreams;
    this.nodeIds = parts.nodeIds;
  }

  /** @throws {PicketError} `CONFIG_INVALID` for a broken policy or identity */
  static async start(options: AgentOptions): Promise<Agent> {
    const { clock, folder } = options;
    const events = new AgentEvents(options.logger, clock);
    const { logger } = events;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const sampler = process.platform === "linux" ? new LinuxSampler(clock) : new PortableSampler();
    const loop = new MetricsLoop({ sampler, clock, logger });
    const upstreams: Upstream[] = [];
    const hints = new ReconnectHints(clock, () => {
      for (const upstream of upstreams) upstream.retryNow();
    });
    let facts: Promise<Record<string, unknown> | undefined> | undefined;
    const policies = new Map([[options.policyFile, await Policy.load({ file: options.policyFile, logger })]]);
    const nodeIds: string[] = [];
    const environment = options.environment ?? process.env;
    const engine = new DockerEngine({ environment, clock, logger: logger.child("containers") });
    for (const spec of options.upstreams) {
      const own = join(folder, spec.folder);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      const policyFile = spec.policyFile ?? options.policyFile;
      const policy = policies.get(policyFile) ?? (await Policy.load({ file: policyFile, logger }));
      policies.set(policyFile, policy);
      const { upstream, samples, nodeId } = await makeUpstream(spec, {
        folder: own,
        policy,
        containers: new GuardedEngine(engine, policy),
        version: options.version,
        clock,
        logger,
        events,
        keepAlive: options.keepAlive,
        certificateAuthority: options.certificateAuthority,
        trace: options.trace,
        facts: () => {
          facts ??= collectFacts(logger).finally(() => {
            facts = undefined;
          });
          return facts;
        },
        onConnected: () => options.onConnected(spec),
        onInterval: () => loop.intervalChanged(),
        onState: (state) => {
          hints.setWaiting(upstreams.some(({ state: { status } }) => status === "waiting"));
          if (state.status !== "waiting") return;
          const retryIn = `${Math.round(state.delay / 100) / 10} s`;
          logger.info("not connected", { server: spec.name, reason: state.reason, retryIn });
        },
        onRefused: (error) => options.onRefused(spec, error),
      });
      upstreams.push(upstream);
      if (samples !== undefined) loop.add(samples);
      if (nodeId !== undefined) nodeIds.push(nodeId);
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
