import { type ErrorCode, PicketError } from "../../../base/errors.ts";

/** The server's answer to a request that it did not grant: what the pages show is its code, its own words are kept. */
export class DocumentsRefusal extends PicketError {
  /** The code on the wire: 202, 4xx, 500, 999. */
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, data: Readonly<Record<string, unknown>>) {
    super(codeOf(status), message === "" ? {} : { message });
    this.name = "DocumentsRefusal";
    this.status = status;
    this.data = data;
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  202: "TWO_FACTOR_REQUIRED",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "DOCUMENT_NOT_FOUND",
  409: "NAME_TAKEN",
  429: "RATE_LIMITED",
  999: "LOCKDOWN",
};

function codeOf(status: number): ErrorCode {
  return codes[status] ?? (status >= 400 && status < 500 ? "INVALID_PARAMS" : "INTERNAL_ERROR");
}
