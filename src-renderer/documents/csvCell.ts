/** A cell of a CSV file. What begins like a formula is made text: names come from strangers, and spreadsheets compute. */
export function csvCell(text: string): string {
  const harmless = /^[\s\uFEFF]*[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
