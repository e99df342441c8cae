export const clashAnswers = ["revision", "both", "skip"] as const;
/** What to do with a file whose name is taken: a new revision of the document there, another name, or nothing. */
export type ClashAnswer = (typeof clashAnswers)[number];

export interface ClashQuestion {
  readonly name: string;
  /** What has the name is a document: it can get a revision. */
  readonly canRevise: boolean;
  /** How many files of the same batch are not sent yet. */
  readonly others: number;
  /** An answer that was given for all meanwhile. */
  readonly isSettled: () => ClashAnswer | undefined;
}

export interface NameClash extends ClashQuestion {
  readonly answer: (answer: ClashAnswer, forAll: boolean) => void;
}

/** Names that are taken, asked about one after the other. */
export class NameClashes {
  #waiting = $state.raw<readonly NameClash[]>([]);

  /** The one to be asked about now. */
  get current(): NameClash | undefined {
    return this.#waiting[0];
  }

  /** @throws the signal's reason once it is aborted */
  ask(
    question: ClashQuestion,
    signal: AbortSignal,
  ): Promise<{ readonly answer: ClashAnswer; readonly forAll: boolean }> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const leave = (): void => {
        signal.removeEventListener("abort", aborted);
        this.#waiting = this.#waiting.filter((one) => one !== asked);
      };
      const aborted = (): void => {
        leave();
        reject(signal.reason);
      };
      const asked: NameClash = {
        ...question,
        answer: (answer, forAll) => {
          leave();
          resolve({ answer, forAll });
          // Whoever asked settles it for the others first.
          if (forAll) queueMicrotask(() => queueMicrotask(() => this.#answerSettled()));
        },
      };
      signal.addEventListener("abort", aborted);
      this.#waiting = [...this.#waiting, asked];
    });
  }

  #answerSettled(): void {
    for (const one of this.#waiting) {
      const answer = one.isSettled();
      if (answer !== undefined) one.answer(answer, false);
    }
  }
}
