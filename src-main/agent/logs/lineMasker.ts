const mask = "‹masked›";

/**
 * What is a secret wherever it stands. The first group, where there is one, is kept: it says what was there. None of them
 * can take more than linear time: a line is a stranger's text.
 */
const patterns: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /\bpkt_[a-z]+_[\w-]+/g,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\bsk_live_\w{10,}/g,
  /\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi,
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,128}:)[^\s/@]{1,256}(?=@)/gi,
  /((?:password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?secret|credentials?)["']?\s{0,4}[=:]\s{0,4})(?:"[^"]*"|'[^']*'|[^\s,;&"'}\])]+)/gi,
];

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/;
/** A key has no more lines than this; then its end was lost. */
const maxKeyLines = 200;

/** Takes secrets out of the lines of one source before they leave the machine. It remembers whether it is in a key. */
export class LineMasker {
  readonly #own: readonly RegExp[];
  #keyLines = 0;

  /** @param own the policy's patterns; all of what they match is taken out */
  constructor(own: readonly RegExp[]) {
    this.#own = own;
  }

  mask(message: string): string {
    if (this.#keyLines > 0) {
      this.#keyLines = keyEnd.test(message) || this.#keyLines > maxKeyLines ? 0 : this.#keyLines + 1;
      return mask;
    }
    if (keyBegin.test(message) && !keyEnd.test(message)) this.#keyLines = 1;
    let masked = message;
    for (const pattern of patterns) {
      masked = masked.replace(pattern, (_, kept: unknown) => `${typeof kept === "string" ? kept : ""}${mask}`);
    }
    for (const pattern of this.#own) masked = masked.replace(pattern, mask);
    return masked;
  }
}
