import type { Relay } from "../children/relay.ts";
import type { TerminalHost } from "../children/terminalHost.ts";
import type { TerminalViewer, Way } from "../children/terminalViewer.ts";
import { Child } from "./child.ts";
import { AgentProcess, CoreProcess } from "./product.ts";

/** Two ways from a viewer to a shell, each over three processes: Picket's and the bare one. The viewer is the same. */
export class TerminalSetting {
  readonly host: Child<TerminalHost>;
  readonly viewer: Child<TerminalViewer>;
  readonly core: CoreProcess;
  readonly agent: AgentProcess;
  readonly #relay: Child<Relay>;
  readonly #relayUrl: string;
  readonly #picket: Way;

  private constructor(parts: {
    readonly host: Child<TerminalHost>;
    readonly viewer: Child<TerminalViewer>;
    readonly relay: Child<Relay>;
    readonly relayUrl: string;
    readonly core: CoreProcess;
    readonly agent: AgentProcess;
    readonly token: string;
  }) {
    this.host = parts.host;
    this.viewer = parts.viewer;
    this.core = parts.core;
    this.agent = parts.agent;
    this.#relay = parts.relay;
    this.#relayUrl = parts.relayUrl;
    this.#picket = { kind: "picket", nodeId: "bench", wsUrl: parts.core.wsUrl, token: parts.token };
  }

  static async start(): Promise<TerminalSetting> {
    const host = Child.start<TerminalHost>(import.meta.url, "../children/terminalHost.ts");
    const viewer = Child.start<TerminalViewer>(import.meta.url, "../children/terminalViewer.ts");
    const relay = Child.start<Relay>(import.meta.url, "../children/relay.ts");
    const relayUrl = `ws://127.0.0.1:${await relay.call("listen", undefined)}`;
    const core = await CoreProcess.start();
    const agent = await AgentProcess.start(core, { nodeId: "bench" });
    const token = await core.signIn();
    return new TerminalSetting({ host, viewer, relay, relayUrl, core, agent, token });
  }

  /** The way over the bare relay, with a fresh shell at its end. */
  async relayWay(): Promise<Way> {
    await this.host.call("pipe", this.#relayUrl);
    return { kind: "relay", url: this.#relayUrl };
  }

  picketWay(): Way {
    return this.#picket;
  }

  async stop(): Promise<void> {
    for (const child of [this.host, this.viewer, this.#relay]) await child.stop();
    await this.agent.stop();
    await this.core.stop();
  }
}
