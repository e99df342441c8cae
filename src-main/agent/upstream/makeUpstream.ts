import type { AgentParts, MadeUpstream } from "./agentParts.ts";
import { makeNodesUpstream } from "./makeNodesUpstream.ts";
import type { UpstreamSpec } from "./upstreamSpec.ts";

/**
 * The upstream for a server, by its protocol. The less common ones are loaded when a server wants them.
 *
 * @throws {PicketError} `CONFIG_INVALID` for broken credentials
 */
export async function makeUpstream(spec: UpstreamSpec, parts: AgentParts): Promise<MadeUpstream> {
  switch (spec.protocol) {
    case "nodes":
      return makeNodesUpstream(spec, parts);
    case "monitoring":
      return (await import("./makeMonitoringUpstream.ts")).makeMonitoringUpstream(spec, parts);
    case "rooms":
      return (await import("./makeRoomUpstream.ts")).makeRoomUpstream(spec, parts);
  }
}
