const most = 100;

/** The commands that were sent, for the arrow keys. What was being typed is kept below the newest. */
export class PromptHistory {
  readonly #commands: string[] = [];
  #draft = "";
  /** Which command is shown; the number of commands while it is the draft. */
  #at = 0;

  add(command: string): void {
    if (this.#commands.at(-1) !== command) this.#commands.push(command);
    if (this.#commands.length > most) this.#commands.shift();
    this.#draft = "";
    this.#at = this.#commands.length;
  }

  /** @param shown what stands in the prompt; undefined when there is nothing older */
  older(shown: string): string | undefined {
    if (this.#at === 0) return undefined;
    if (this.#at === this.#commands.length) this.#draft = shown;
    this.#at -= 1;
    return this.#commands[this.#at];
  }

  /** Undefined when what is shown is the newest there is. */
  newer(): string | undefined {
    if (this.#at >= this.#commands.length) return undefined;
    this.#at += 1;
    return this.#commands[this.#at] ?? this.#draft;
  }
}
