import type { Node, NodeSample } from "../../src-main/protocols/machines/messages/nodes.ts";
import type { TrendPoint } from "./trend.ts";

/** One node as the console knows it. Its numbers change far more often than the rest: they are signals of their own. */
export class NodeEntry {
  readonly nodeId: string;
  #record: Node;
  #sample: NodeSample | null;
  /** The last minutes of its processor load; undefined until somebody looked. */
  trend: readonly TrendPoint[] | undefined;

  constructor(node: Node) {
    this.nodeId = node.nodeId;
    this.#record = $state.raw(node);
    this.#sample = $state.raw(node.sample);
    this.trend = $state.raw();
  }

  get record(): Node {
    return this.#record;
  }

  get sample(): NodeSample | null {
    return this.#sample;
  }

  /** What people call it. */
  get label(): string {
    return this.#record.name ?? this.#record.hostname;
  }

  update(node: Node): void {
    this.#record = node;
    if (node.sample !== null) this.sampled(node.sample);
  }

  /** A sample that is older than the known one came late and says nothing new. */
  sampled(sample: NodeSample): void {
    if (this.#sample === null || sample.time >= this.#sample.time) this.#sample = sample;
  }
}
