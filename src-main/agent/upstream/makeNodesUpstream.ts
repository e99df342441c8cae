import { join } from "node:path";
import { dialSocket } from "../../wire/node/dialSocket.ts";
import { NodeIdentity } from "../identity/nodeIdentity.ts";
import { ResultSpool } from "../spool/resultSpool.ts";
import type { AgentParts, MadeUpstream } from "./agentParts.ts";
import { NodesUpstream } from "./nodesUpstream.ts";
import type { NodesSpec } from "./upstreamSpec.ts";

/** @throws {PicketError} `CONFIG_INVALID` for a broken identity */
export async function makeNodesUpstream(spec: NodesSpec, parts: AgentParts): Promise<MadeUpstream> {
  const { folder, clock, logger, keepAlive, certificateAuthority } = parts;
  const identity = NodeIdentity.load(join(folder, "identity.json"), spec.nodeId);
  const upstream = new NodesUpstream({
    ...parts,
    name: spec.name,
    dial: ({ token, nodeId }, attach) => {
      const query = new URLSearchParams({ token, node_id: nodeId });
      const { socketPath } = spec;
      return dialSocket(
        {
          url: `${spec.url}?${query}`,
          ...(socketPath === undefined ? {} : { socketPath }),
          clock,
          keepAlive,
          certificateAuthority,
        },
        attach,
      );
    },
    token: await spec.token(identity),
    identity,
    results: new ResultSpool(join(folder, "results"), logger),
    samplesFile: join(folder, "samples.spool"),
    journalFile: join(folder, "commands.journal"),
    logsFile: join(folder, "logs.positions"),
  });
  return { upstream, samples: upstream, nodeId: identity.nodeId };
}
