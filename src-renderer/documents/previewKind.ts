/** How a document can be looked at in the page; undefined: only by downloading it. */
export type PreviewKind = "text" | "image" | "pdf";

const images = new Set(["png", "jpg", "jpeg", "gif", "webp", "bmp", "avif"]);
const texts = new Set(
  (
    "txt md markdown rst csv tsv log json jsonc json5 ndjson yaml yml toml ini conf cfg env properties xml html htm svg " +
    "css scss less js mjs cjs jsx ts mts cts tsx svelte vue py rb php pl lua r sh bash zsh fish ps1 bat cmd c h cc cpp " +
    "hpp cs java kt kts go rs swift scala clj hs ex exs erl sql graphql proto tf dockerfile makefile cmake gradle diff " +
    "patch tex bib srt vtt pem crt csr pub asc gitignore editorconfig lock"
  ).split(" "),
);

/**
 * By the name alone. Whatever executes in a browser (HTML, SVG, XML) is shown as the text that it is.
 */
export function previewKindOf(name: string): PreviewKind | undefined {
  const ending = endingOf(name);
  if (images.has(ending)) return "image";
  if (ending === "pdf") return "pdf";
  return texts.has(ending) ? "text" : undefined;
}

function endingOf(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf(".") + 1);
}
