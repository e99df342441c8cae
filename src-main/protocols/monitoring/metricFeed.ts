import type { Disposable } from "../../base/disposable.ts";
import type { Core } from "../../core/core.ts";
import type { Sample } from "../../core/metrics/metricColumns.ts";
import type { NodeRecord } from "../../core/nodes/nodeRecord.ts";
import type { Feed, FeedOutlet } from "./dashboardSession.ts";
import type { MonitoringServices } from "./server.ts";
import { viewSample } from "./views.ts";

export interface FeedOptions {
  readonly core: Core;
  readonly node: NodeRecord;
  readonly outlet: FeedOutlet;
  readonly details: MonitoringServices["details"];
}

/** The samples of one server: the newest at once, then each as it arrives. A dashboard that is slow is left some out. */
export class MetricFeed implements Feed {
  readonly #options: FeedOptions;
  #subscription: Disposable | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { core, node } = this.#options;
    this.#subscription = core.metrics.onSampleOf(node.key, (sample) => this.#show(sample));
    const latest = core.metrics.latest(node.key);
    if (latest !== undefined) this.#show(latest);
  }

  drained(): void {}

  dispose(): void {
    this.#subscription?.dispose();
  }

  #show(sample: Sample): void {
    const { outlet, node, details } = this.#options;
    if (!outlet.hasRoom) return;
    const known = details.get(node.nodeId);
    const own = known?.time === sample.time ? known : undefined;
    outlet.send({ type: "metrics", data: viewSample(node.nodeId, sample, own) });
  }
}
