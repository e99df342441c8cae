import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { writePrivateFile } from "../../core/identity/signingKey.ts";
import type { MadeCertificate } from "./makeCertificate.ts";

export interface OwnCertificateOptions {
  /** Where it is kept; made when it is not there. */
  readonly folder: string;
  /** What the core listens on. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
}

export interface OwnCertificate extends MadeCertificate {
  /** SHA-256 of the certificate, upper-case hex in pairs. */
  readonly fingerprint: string;
  readonly expiresAt: Date;
}

const day = 24 * 3_600_000;
const lifetime = 365 * day;
/** One that ends sooner is replaced at the start: a program that runs for weeks must not outlive it. */
const renewBefore = 30 * day;

/**
 * The certificate that the core makes for itself where TLS is wanted and nobody gave it one: kept over restarts, so that a
 * fingerprint that somebody pinned stays right, and replaced when it nears its end or the core listens elsewhere.
 */
export async function ownCertificate({ folder, hosts, clock }: OwnCertificateOptions): Promise<OwnCertificate> {
  const names = namesOf(hosts);
  const now = clock.wallTime();
  const files = { cert: join(folder, "certificate.pem"), key: join(folder, "certificate-key.pem") };
  const kept = readBoth(files);
  const read = kept === undefined ? undefined : parse(kept);
  if (kept !== undefined && read !== undefined && isGood(read, names, now)) return own(kept, read);
  const { makeCertificate } = await import("./makeCertificate.ts");
  // A day back: the clocks of those who connect differ.
  const made = makeCertificate({ hosts: names, notBefore: new Date(now - day), notAfter: new Date(now + lifetime) });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writePrivateFile(files.key, made.key);
  writePrivateFile(files.cert, made.cert);
  return own(made, new X509Certificate(made.cert));
}

function own(pair: MadeCertificate, read: X509Certificate): OwnCertificate {
  return { ...pair, fingerprint: read.fingerprint256, expiresAt: read.validToDate };
}

function isGood(read: X509Certificate, names: readonly string[], now: number): boolean {
  return (
    read.validToDate.getTime() - now > renewBefore &&
    read.validFromDate.getTime() <= now &&
    names.every((name) => (isIP(name) === 0 ? read.checkHost(name) : read.checkIP(name)) !== undefined)
  );
}

/** What a core that listens everywhere may be called. */
function namesOf(hosts: readonly string[]): [string, ...string[]] {
  const everywhere = hosts.some((host) => host === "0.0.0.0" || host === "::");
  const named = hosts.filter((host) => host !== "0.0.0.0" && host !== "::");
  const all = [...named, ...(everywhere ? [hostname()] : []), "localhost", "127.0.0.1", "::1"];
  const [first = "localhost", ...others] = new Set(all);
  return [first, ...others];
}

function readBoth(files: { readonly cert: string; readonly key: string }): MadeCertificate | undefined {
  try {
    return { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The certificate, where its key is the one beside it. */
function parse({ cert, key }: MadeCertificate): X509Certificate | undefined {
  try {
    const read = new X509Certificate(cert);
    return read.checkPrivateKey(createPrivateKey(key)) ? read : undefined;
  } catch {
    return undefined;
  }
}
