import type { NodeRequest } from "../../protocols/nodes/messages/methods.ts";
import type { ContainerEngine } from "./containerEngine.ts";

/**
 * What a core asks about the containers of this machine.
 *
 * @throws {PicketError} what the engine throws
 */
export async function answerContainerRequest(engine: ContainerEngine, request: NodeRequest): Promise<object> {
  switch (request.method) {
    case "container-list":
      return engine.list();
    case "container-inspect":
      return { details: await engine.inspect(request.params.container) };
    case "container-action":
      return { message: await engine.act(request.params.container, request.params.action) };
    case "container-stats":
      return engine.stats(request.params.container);
    case "container-logs":
      return { text: await engine.logs(request.params.container, request.params.tail) };
  }
}
