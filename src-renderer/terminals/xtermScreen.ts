import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import { type Disposable, DisposableStore, toDisposable } from "../../src-main/base/disposable.ts";
import type { ScreenSize, SearchResult, TerminalScreen } from "./terminalScreen.ts";
import { terminalThemes } from "./terminalTheme.ts";

const encoder = new TextEncoder();
const scrollback = 10_000;

/** The terminal emulator xterm.js. It works through output also while it is not shown. */
export class XtermScreen implements TerminalScreen {
  readonly #terminal: Terminal;
  readonly #element = document.createElement("div");
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #owned = new DisposableStore();
  #theme: "light" | "dark";
  #opened = false;
  #results: Disposable | undefined;

  constructor(size: ScreenSize, theme: "light" | "dark") {
    this.#theme = theme;
    this.#element.className = "terminal-screen";
    this.#terminal = this.#owned.add(
      new Terminal({
        ...size,
        // The search marks its matches through an interface that xterm calls proposed.
        allowProposedApi: true,
        cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
        fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-mono"),
        fontSize: 13,
        lineHeight: 1.2,
        minimumContrastRatio: 3,
        overviewRuler: { width: 10 },
        scrollback,
        theme: terminalThemes[theme],
        // Links are the node's words: nothing is opened because somebody clicked on its output.
        linkHandler: { activate: () => {} },
      }),
    );
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
    this.#terminal.attachCustomKeyEventHandler((event) => !leftToPage(event));
  }

  get size(): ScreenSize {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  text(): string {
    const buffer = this.#terminal.buffer.active;
    let text = "";
    for (let row = 0; row < buffer.length; row += 1) {
      const line = buffer.getLine(row);
      // A line that was too long for the screen is still one line.
      const goesOn = buffer.getLine(row + 1)?.isWrapped === true;
      text += `${line?.translateToString(!goesOn) ?? ""}${goesOn ? "" : "\n"}`;
    }
    return `${text.trimEnd()}\n`;
  }

  write(bytes: Uint8Array, taken: () => void): void {
    this.#terminal.write(bytes, taken);
  }

  remark(text: string): void {
    this.#terminal.write(`\r\n\x1b[0;2m${text}\x1b[0m\r\n`);
  }

  reset(): void {
    this.#terminal.reset();
  }

  onInput(listener: (bytes: Uint8Array) => void): Disposable {
    const owned = new DisposableStore();
    owned.add(this.#terminal.onData((text) => listener(encoder.encode(text))));
    // Old mouse reports are bytes, not text.
    owned.add(this.#terminal.onBinary((text) => listener(Uint8Array.from(text, (char) => char.charCodeAt(0)))));
    return owned;
  }

  onSize(listener: (size: ScreenSize) => void): Disposable {
    return this.#terminal.onResize(listener);
  }

  onTitle(listener: (title: string) => void): Disposable {
    return this.#terminal.onTitleChange(listener);
  }

  show(container: HTMLElement): Disposable {
    const shown = new DisposableStore();
    container.append(this.#element);
    if (!this.#opened) {
      this.#opened = true;
      this.#terminal.open(this.#element);
    }
    shown.add(toDisposable(() => this.#element.remove()));
    shown.add(this.#drawFast());
    const observer = new ResizeObserver(() => this.#fit.fit());
    observer.observe(container);
    shown.add(toDisposable(() => observer.disconnect()));
    this.#fit.fit();
    this.#terminal.refresh(0, this.#terminal.rows - 1);
    return shown;
  }

  focus(): void {
    this.#terminal.focus();
  }

  setTheme(theme: "light" | "dark"): void {
    if (theme === this.#theme) return;
    this.#theme = theme;
    this.#terminal.options.theme = terminalThemes[theme];
  }

  paste(text: string): void {
    this.#terminal.paste(text);
  }

  search(text: string, direction: "next" | "previous", listener: (result: SearchResult) => void): void {
    this.#results ??= this.#search.onDidChangeResults(({ resultIndex, resultCount }) => {
      listener({ at: resultIndex + 1, count: resultCount });
    });
    const dark = this.#theme === "dark";
    const decorations = {
      matchBackground: dark ? "#4a3d1c" : "#f7e3b0",
      matchOverviewRuler: "#c27803",
      activeMatchBorder: "#c27803",
      activeMatchBackground: dark ? "#8a6a1c" : "#f0b429",
      activeMatchColorOverviewRuler: "#c27803",
    };
    if (direction === "next") this.#search.findNext(text, { decorations });
    else this.#search.findPrevious(text, { decorations });
  }

  endSearch(): void {
    this.#results?.dispose();
    this.#results = undefined;
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  dispose(): void {
    this.#results?.dispose();
    this.#element.remove();
    this.#owned.dispose();
  }

  /** Draws with the graphics card while it is shown. A browser has few such contexts, or none: then in the page. */
  #drawFast(): Disposable {
    let addon: WebglAddon | undefined;
    try {
      addon = new WebglAddon();
      addon.onContextLoss(() => {
        addon?.dispose();
        addon = undefined;
      });
      this.#terminal.loadAddon(addon);
    } catch {
      addon?.dispose();
      addon = undefined;
    }
    return toDisposable(() => addon?.dispose());
  }
}

/** Keys of the console's own in a terminal: everything else is the shell's. */
function leftToPage(event: KeyboardEvent): boolean {
  return event.ctrlKey && event.shiftKey && ["KeyC", "KeyV", "KeyF", "KeyL"].includes(event.code);
}
