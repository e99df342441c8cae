import { randomUUID } from "node:crypto";
import type { Disposable } from "../../base/disposable.ts";
import { toPicketError } from "../../base/errors.ts";
import { answersChallenge, newNonce } from "../../core/identity/nodeKeys.ts";
import { type Connection, closeCode } from "../../wire/connection.ts";
import { authenticateNode, type NodeAdmission, type NodeCredentials } from "./authenticateNode.ts";
import { parseNodeMessage } from "./messages.ts";
import type { NodeOutbox } from "./nodeOutbox.ts";
import type { NodesServices } from "./server.ts";

export interface NodeHandshakeOptions {
  readonly connection: Connection;
  readonly services: NodesServices;
  readonly outbox: NodeOutbox;
  /** The node is who it says and may go on; `early` is what it sent meanwhile. */
  readonly onAdmitted: (admission: NodeAdmission, early: readonly string[]) => void;
}

/** A node gets this long to prove its key. */
const challengeTimeout = 10_000;
const maxEarlyMessages = 64;

/** From the open socket to `welcome`: looks at the credentials, asks for the proof of the key. */
export class NodeHandshake {
  readonly #options: NodeHandshakeOptions;
  /** What the node sent before it was let in. */
  #early: string[] = [];
  #challenge: { readonly nonce: string; readonly admission: KeyAdmission; readonly timer: Disposable } | undefined;
  #over = false;

  constructor(options: NodeHandshakeOptions) {
    this.#options = options;
  }

  async authenticate(credentials: NodeCredentials): Promise<void> {
    const { services, outbox, connection } = this.#options;
    try {
      const admission = await authenticateNode(credentials, services);
      if (this.#over) return;
      if (admission === undefined) this.#refuse();
      else if (admission.kind === "key") this.#ask(admission);
      else this.#admit(admission);
    } catch (error) {
      outbox.error(randomUUID(), toPicketError(error));
      connection.close(closeCode.tryAgainLater, "try again later");
    }
  }

  /** A message that came before `welcome`. The answer to the challenge is the only one that cannot wait. */
  text(message: string): void {
    if (this.#over) return;
    if (this.#challenge !== undefined) {
      this.#onAnswer(message);
      return;
    }
    this.#early.push(message);
    if (this.#early.length > maxEarlyMessages) {
      this.#options.connection.close(closeCode.policyViolation, "too much before welcome");
    }
  }

  dispose(): void {
    this.#over = true;
    this.#challenge?.timer.dispose();
  }

  #ask(admission: KeyAdmission): void {
    const { services, outbox } = this.#options;
    const nonce = newNonce();
    const timer = services.clock.schedule(challengeTimeout, () => this.#refuse());
    this.#challenge = { nonce, admission, timer };
    outbox.tell("challenge", { nonce });
    // The first thing it said is taken as the answer, and whoever talks before it listens has none.
    const [first] = this.#early.splice(0);
    if (first !== undefined) this.#onAnswer(first);
  }

  #onAnswer(message: string): void {
    const challenge = this.#challenge;
    if (challenge === undefined) return;
    const { admission, nonce } = challenge;
    const { nodeId, publicKey } = admission;
    const parsed = parseNodeMessage(message);
    const answer = parsed.ok && parsed.value.type === "challenge_response" ? parsed.value.data.signature : "";
    if (answersChallenge({ nodeId, nonce, signature: answer, publicKey })) {
      this.#admit(admission);
      return;
    }
    const { services, connection } = this.#options;
    services.logger.warn("a node could not prove its key", { node: nodeId, peer: connection.peer.address });
    this.#refuse();
  }

  #admit(admission: NodeAdmission): void {
    this.dispose();
    this.#options.onAdmitted(admission, this.#early);
  }

  #refuse(): void {
    this.dispose();
    this.#options.outbox.refuse();
  }
}

type KeyAdmission = Extract<NodeAdmission, { kind: "key" }>;
