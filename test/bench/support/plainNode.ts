import { once } from "node:events";
import { WebSocket } from "ws";

/** The four numbers that the plain protocol shows, each a little different every time. */
function metrics(turn: number): string {
  const cpu = (turn * 7) % 100;
  const memory = 40 + (turn % 17);
  return `{"cpu_usage":${cpu}.2,"memory_usage":${memory}.5,"disk_usage":34.1,"load_average":1.${turn % 90}}`;
}

/** A node of the plain protocol: it knows a socket and JSON, and no more. */
export class PlainNode {
  readonly nodeId: string;
  readonly #socket: WebSocket;
  readonly #messageTail: string;
  #turn = 0;
  #answered: ((message: Readonly<Record<string, unknown>>) => void) | undefined;
  /** Told every message that answers no `ask`. */
  onMessage: (message: Readonly<Record<string, unknown>>) => void = () => {};

  private constructor(nodeId: string, socket: WebSocket) {
    this.nodeId = nodeId;
    this.#socket = socket;
    this.#messageTail = `","data":{"node_id":"${nodeId}","status":"online","metrics":`;
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString("utf8")) as Readonly<Record<string, unknown>>;
      const answered = this.#answered;
      if (answered === undefined) this.onMessage(message);
      else answered(message);
    });
    socket.on("error", () => {});
  }

  static async connect(url: string, nodeId: string): Promise<PlainNode> {
    const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: false });
    const node = new PlainNode(nodeId, socket);
    await once(socket, "open");
    return node;
  }

  /** Says who it is; resolves when the core has it. */
  async register(): Promise<void> {
    const data = { node_id: this.nodeId, hostname: this.nodeId, ip_address: "127.0.0.1", os_info: "bench" };
    const message = { type: "node_register", id: "register", timestamp: new Date().toISOString(), data };
    await this.#ask(JSON.stringify(message), "register_response");
  }

  /** Sends one heartbeat and waits for its answer. */
  async heartbeatOnce(answerType: string): Promise<void> {
    await this.#ask(this.#heartbeat(Date.now()), answerType);
  }

  /** @param time when it was measured, milliseconds since 1970 */
  sendHeartbeat(time: number): void {
    this.#socket.send(this.#heartbeat(time));
  }

  close(): void {
    this.#socket.terminate();
  }

  #heartbeat(time: number): string {
    this.#turn += 1;
    const id = `00000000-0000-4000-8000-${String(this.#turn).padStart(12, "0")}`;
    const head = `{"type":"heartbeat","id":"${id}","timestamp":"${new Date(time).toISOString()}`;
    return `${head}${this.#messageTail}${metrics(this.#turn)}}}`;
  }

  #ask(text: string, answerType: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const closed = (): void => reject(new Error(`closed while ${answerType} was waited for`));
      this.#socket.once("close", closed);
      this.#answered = (message) => {
        if (message["type"] === "error") reject(new Error(JSON.stringify(message)));
        if (message["type"] !== answerType) return;
        this.#answered = undefined;
        this.#socket.off("close", closed);
        resolve();
      };
      this.#socket.send(text);
    });
  }
}
