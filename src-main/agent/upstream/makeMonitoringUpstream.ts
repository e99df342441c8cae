import { join } from "node:path";
import { dialSocket } from "../../wire/node/dialSocket.ts";
import { ResultSpool } from "../spool/resultSpool.ts";
import type { AgentParts, MadeUpstream } from "./agentParts.ts";
import { DockerAnswers } from "./dockerAnswers.ts";
import { MonitoringUpstream } from "./monitoringUpstream.ts";
import type { MonitoringSpec } from "./upstreamSpec.ts";

export function makeMonitoringUpstream(spec: MonitoringSpec, parts: AgentParts): MadeUpstream {
  const { folder, clock, logger, keepAlive, certificateAuthority } = parts;
  const upstream = new MonitoringUpstream({
    ...parts,
    name: spec.name,
    apiKey: spec.apiKey,
    dial: (attach) => dialSocket({ url: spec.url, clock, keepAlive, certificateAuthority }, attach),
    results: new ResultSpool(join(folder, "results"), logger),
    journalFile: join(folder, "commands.journal"),
    docker: new DockerAnswers(parts.containers),
  });
  return { upstream, samples: upstream };
}
