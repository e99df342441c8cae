/**
 * What counts as one address when attempts are counted: with IPv6 a whole /64, of which every home has one or more, and
 * IPv4 the same however it is written.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [start = "", end] = (address.split("%")[0] ?? "").split("::");
  if (!/^[\da-f:]+$/i.test(`${start}${end ?? ""}`) || !address.includes(":")) return address;
  const head = start.split(":").filter((part) => part !== "");
  const tail = (end ?? "").split(":").filter((part) => part !== "");
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0");
  const groups = [...head, ...zeros, ...tail].slice(0, 4).map((part) => Number.parseInt(part, 16).toString(16));
  return `${groups.join(":")}::/64`;
}
