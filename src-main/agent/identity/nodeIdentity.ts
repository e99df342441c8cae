import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { PicketError } from "../../base/errors.ts";

const identityFile = z.object({
  node_id: z.string().check(z.regex(/^[\w.:@-]{1,128}$/)),
  /** PKCS #8 in PEM. */
  private_key: z.string(),
  /** Whether the core has pinned the key: from then on the key opens the door, and no token. */
  enrolled: z.boolean(),
});
type IdentityFile = z.infer<typeof identityFile>;

/** Who this node is to one core: its id and its key. Kept in a file that only its owner can read. */
export class NodeIdentity {
  readonly nodeId: string;
  readonly #file: string;
  #content: IdentityFile;

  private constructor(file: string, content: IdentityFile) {
    this.#file = file;
    this.#content = content;
    this.nodeId = content.node_id;
  }

  /**
   * Reads the identity, or makes one.
   *
   * @param nodeId the id to take when one is made
   * @throws {PicketError} `CONFIG_INVALID` when the file is damaged: a new identity would be a second node
   */
  static load(file: string, nodeId: string | undefined): NodeIdentity {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      const { privateKey } = generateKeyPairSync("ed25519");
      const identity = new NodeIdentity(file, {
        node_id: nodeId ?? randomUUID(),
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        enrolled: false,
      });
      identity.#save();
      return identity;
    }
    const content = parse(text);
    if (content === undefined) {
      throw new PicketError("CONFIG_INVALID", {
        message: `The node's identity in ${file} is damaged: restore it, or remove it and enrol the node again.`,
      });
    }
    return new NodeIdentity(file, content);
  }

  get enrolled(): boolean {
    return this.#content.enrolled;
  }

  /** Base64 of the raw 32 bytes. */
  get publicKey(): string {
    const jwk = createPublicKey(createPrivateKey(this.#content.private_key)).export({ format: "jwk" });
    return Buffer.from(jwk.x ?? "", "base64url").toString("base64");
  }

  /** The answer to a core's challenge, base64: docs/protocols/nodes.md. */
  sign(nonce: string): string {
    const text = `picket-node-challenge:${this.nodeId}:${nonce}`;
    return sign(null, Buffer.from(text), createPrivateKey(this.#content.private_key)).toString("base64");
  }

  setEnrolled(enrolled: boolean): void {
    if (this.#content.enrolled === enrolled) return;
    this.#content = { ...this.#content, enrolled };
    this.#save();
  }

  #save(): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.new`;
    const descriptor = openSync(temporary, "w", 0o600);
    writeSync(descriptor, `${JSON.stringify(this.#content, undefined, 2)}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, this.#file);
  }
}

function parse(text: string): IdentityFile | undefined {
  try {
    const checked = z.safeParse(identityFile, JSON.parse(text));
    if (!checked.success) return undefined;
    createPrivateKey(checked.data.private_key);
    return checked.data;
  } catch {
    return undefined;
  }
}
