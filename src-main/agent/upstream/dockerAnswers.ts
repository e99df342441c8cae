import { toPicketError } from "../../base/errors.ts";
import type { AgentMessage, CoreMessage } from "../../protocols/monitoring/messages.ts";
import { type ContainerEngine, containerActions } from "../containers/containerEngine.ts";

/** What the answers need of the engine. */
export type AskedEngine = Pick<ContainerEngine, "list" | "inspect" | "act" | "stats" | "logs">;

type Answer = Omit<AgentMessage<"docker_response">, "type" | "command_id">;

const defaultTail = 200;
const containerName = /^[a-zA-Z0-9][\w.-]{0,254}$/;

/** Answers a server's `docker_command`. The engine asks the policy. */
export class DockerAnswers {
  readonly #engine: AskedEngine | undefined;

  /** @param engine undefined: this agent has no driver for one */
  constructor(engine: AskedEngine | undefined) {
    this.#engine = engine;
  }

  /** Never rejects: what fails is an answer too. */
  async answer(command: CoreMessage<"docker_command">): Promise<Answer> {
    try {
      return await this.#try(command);
    } catch (error) {
      const { message, details } = toPicketError(error);
      return failed(details === undefined ? message : `${message} ${details}`);
    }
  }

  async #try({ action, container_id, tail = defaultTail }: CoreMessage<"docker_command">): Promise<Answer> {
    const engine = this.#engine;
    if (engine === undefined) return failed("no container engine");
    if (action === "list") {
      const list = await engine.list();
      return { success: true, message: `${list.containers.length} containers`, data: list };
    }
    const id = container_id ?? "";
    if (!containerName.test(id)) return failed(`there is no container ${id.slice(0, 64)}`);
    switch (action) {
      case "inspect":
        return { success: true, message: "", data: await engine.inspect(id) };
      case "stats":
        return { success: true, message: "", data: await engine.stats(id) };
      case "logs":
        return { success: true, message: "", data: { text: await engine.logs(id, tail) } };
    }
    const known = containerActions.find((one) => one === action);
    if (known === undefined) return failed(`unknown action: ${action}`);
    return { success: true, message: await engine.act(id, known) };
  }
}

function failed(message: string): Answer {
  return { success: false, message };
}
