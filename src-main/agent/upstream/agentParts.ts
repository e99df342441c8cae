import type { Clock } from "../../base/clock.ts";
import type { PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { KeepAlive } from "../../wire/node/keepAlive.ts";
import type { ClientState } from "../../wire/reconnectingClient.ts";
import type { ContainerEngine } from "../containers/containerEngine.ts";
import type { AgentEvents } from "../logs/agentEvents.ts";
import type { SampleTarget } from "../metrics/metricsLoop.ts";
import type { Policy } from "../policy/policy.ts";
import type { Upstream } from "./upstream.ts";

/** What an upstream gets from the agent it belongs to. */
export interface AgentParts {
  /** The folder of this upstream's own; it exists. */
  readonly folder: string;
  readonly policy: Policy;
  /** The containers of this machine, as far as the policy allows them. */
  readonly containers: ContainerEngine;
  /** The agent's own, for the facts. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the agent says about itself, for the servers that take lines. */
  readonly events: AgentEvents;
  readonly keepAlive: KeepAlive;
  /** In PEM: trusted beside the system's. */
  readonly certificateAuthority: string | undefined;
  readonly trace: ((direction: "<-" | "->", message: object) => void) | undefined;
  /** One process for the facts, however many servers ask for them in the same moment. */
  readonly facts: () => Promise<Record<string, unknown> | undefined>;
  /** The server has let this machine in. */
  readonly onConnected: () => void;
  /** The interval that the server wants has changed. */
  readonly onInterval: () => void;
  /** The connection came, went, or waits for the next try. */
  readonly onState: (state: ClientState) => void;
  /** The server does not let this machine in: there is no use in trying again. */
  readonly onRefused: (error: PicketError) => void;
}

export interface MadeUpstream {
  readonly upstream: Upstream;
  /** Who gets this machine's samples; undefined when the server wants none. */
  readonly samples?: SampleTarget;
  /** What this machine is called there, as far as it decides that itself. */
  readonly nodeId?: string;
}
