/** What a program writes to move a cursor, to colour or to name a window: nothing of it is text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const sequences = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Output as a page can show it: without the sequences and marks that only a terminal understands. */
export function printable(output: string): string {
  return output.replace(sequences, "").replace(/\r\n/g, "\n").replace(/\r/g, "\n").replace(controls, "");
}
