/** Types that a browser may show in its window: nothing in them can run as a part of the console. */
const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  pdf: "application/pdf",
};

/** Texts are all shown as plain ones, also those that are programs or pages. */
const texts = new Set(
  "txt md log csv tsv json yaml yml toml ini conf cfg xml html htm css js mjs ts py sh rs go c h cpp java sql".split(
    " ",
  ),
);

/** The type to show a file of this name with, by its ending; undefined when it must only be saved. SVG can run scripts. */
export function previewType(name: string): string | undefined {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return texts.has(ending) ? "text/plain; charset=utf-8" : Object.hasOwn(types, ending) ? types[ending] : undefined;
}
