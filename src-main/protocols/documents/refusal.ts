/** An answer other than success, exactly as it goes out: thrown by whoever knows better than the table of `answerOf`. */
export class Refusal extends Error {
  readonly code: number;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: number, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.data = data;
  }
}
