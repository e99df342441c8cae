/** The name with the lowest number behind it that is not taken: "report (2).pdf". Case does not tell names apart. */
export function freeName(name: string, taken: Iterable<string>): string {
  const known = new Set(Array.from(taken, (one) => one.toLowerCase()));
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 2; ; number += 1) {
    const tried = `${stem} (${number})${ending}`;
    if (!known.has(tried.toLowerCase())) return tried;
  }
}
