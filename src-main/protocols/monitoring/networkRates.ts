type Item = Readonly<Record<string, unknown>>;

/** Interfaces inside the machine: what goes over them is counted again where it leaves. */
const innerInterface = /^(lo|veth|docker|br-|virbr|cni|flannel|cali|tap|tun|wg)/i;

interface Counters {
  readonly at: number;
  readonly received: number;
  readonly sent: number;
}

/** How much a machine receives and sends a second: as its agent says it, or from the counters of two reports. */
export class NetworkRates {
  #last: Counters | undefined;

  /**
   * @param at when the report was measured, milliseconds; NaN when it does not say
   * @returns bytes per second; undefined where there is no telling
   */
  next(
    items: readonly Item[],
    at: number,
  ): { readonly received: number | undefined; readonly sent: number | undefined } {
    const outer = items.filter((item) => !innerInterface.test(nameOf(item)));
    const last = this.#last;
    const received = sumOf(outer, "rx_bytes", "bytes_recv");
    const sent = sumOf(outer, "tx_bytes", "bytes_sent");
    const now = received === undefined || sent === undefined || Number.isNaN(at) ? undefined : { at, received, sent };
    this.#last = now ?? last;
    return {
      received: sumOf(outer, "rx_rate") ?? rateOf(last, now, "received"),
      sent: sumOf(outer, "tx_rate") ?? rateOf(last, now, "sent"),
    };
  }
}

/** A counter that runs backwards was reset: there is no rate then. */
function rateOf(last: Counters | undefined, now: Counters | undefined, side: "received" | "sent"): number | undefined {
  if (last === undefined || now === undefined) return undefined;
  const seconds = (now.at - last.at) / 1000;
  const difference = now[side] - last[side];
  return seconds > 0 && difference >= 0 ? difference / seconds : undefined;
}

/** The sum of a number over the items that have it by one of its names; undefined when none has. */
function sumOf(items: readonly Item[], ...names: readonly string[]): number | undefined {
  const known = items
    .map((item) => names.map((name) => item[name]).find((value) => typeof value === "number"))
    .filter((value): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}

function nameOf(item: Item): string {
  const name = item["interface"] ?? item["name"];
  return typeof name === "string" ? name : "";
}
