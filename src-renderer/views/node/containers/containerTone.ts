import type { Container } from "../../../../src-main/protocols/machines/messages/containers.ts";
import type { StatusTone } from "../../../components/statusTone.ts";

const tones: Readonly<Record<Container["state"], StatusTone>> = {
  created: "idle",
  running: "ok",
  paused: "warn",
  restarting: "busy",
  removing: "busy",
  exited: "idle",
  dead: "bad",
  unknown: "idle",
};

export function containerTone(state: Container["state"]): StatusTone {
  return tones[state];
}
