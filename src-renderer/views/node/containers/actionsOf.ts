import type { Container, ContainerAction } from "../../../../src-main/protocols/machines/messages/containers.ts";

/** What can be done with a container as it is now, the usual first. */
export function actionsOf({ state }: Pick<Container, "state">): readonly ContainerAction[] {
  switch (state) {
    case "running":
    case "restarting":
      return ["stop", "restart", "pause", "kill", "remove"];
    case "paused":
      return ["unpause", "kill", "remove"];
    case "removing":
      return [];
    default:
      return ["start", "remove"];
  }
}
