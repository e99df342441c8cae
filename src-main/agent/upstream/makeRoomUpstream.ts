import type { Connection } from "../../wire/connection.ts";
import { DialError } from "../../wire/dialError.ts";
import { dialSocket } from "../../wire/node/dialSocket.ts";
import type { Attach } from "../../wire/reconnectingClient.ts";
import type { AgentParts, MadeUpstream } from "./agentParts.ts";
import { RoomUpstream } from "./roomUpstream.ts";
import type { RoomSpec } from "./upstreamSpec.ts";

/** A relay knows no nodes and takes no samples: what it gets is what the commands printed. */
export function makeRoomUpstream(spec: RoomSpec, parts: AgentParts): MadeUpstream {
  const { clock, keepAlive, certificateAuthority } = parts;
  const { name, url, token } = spec;
  const dialAt = (address: string, attach: Attach): Promise<Connection> =>
    dialSocket({ url: address, clock, keepAlive, certificateAuthority }, attach);
  const upstream = new RoomUpstream({
    ...parts,
    name,
    token,
    async dial(attach) {
      try {
        return await dialAt(url, attach);
      } catch (error) {
        // The protocol names no path: a relay that has none of Picket's is asked at its root.
        if (!(error instanceof DialError) || !pathRefusals.includes(error.status ?? 0)) throw error;
        return dialAt(new URL("/", url).href, attach);
      }
    },
  });
  return { upstream };
}

const pathRefusals = [400, 404, 426];
