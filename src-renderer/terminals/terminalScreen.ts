import type { Disposable } from "../../src-main/base/disposable.ts";

export interface ScreenSize {
  readonly cols: number;
  readonly rows: number;
}

export interface SearchResult {
  /** From 1; 0 when no match is the current one. */
  readonly at: number;
  readonly count: number;
}

/** A terminal emulator, as far as a shell and a page need it. */
export interface TerminalScreen extends Disposable {
  readonly size: ScreenSize;
  /** Calls `taken` when the bytes have been worked through: only then may more of them come. */
  write(bytes: Uint8Array, taken: () => void): void;
  /** A remark of the console's own among the output. */
  remark(text: string): void;
  /** Forgets everything that was shown. */
  reset(): void;
  onInput(listener: (bytes: Uint8Array) => void): Disposable;
  onSize(listener: (size: ScreenSize) => void): Disposable;
  onTitle(listener: (title: string) => void): Disposable;
  /** Shows it in an element until disposed, as large as the element is. */
  show(container: HTMLElement): Disposable;
  focus(): void;
  setTheme(theme: "light" | "dark"): void;
  readonly selection: string;
  /** Everything that it shows, with what was scrolled away and is kept. */
  text(): string;
  paste(text: string): void;
  search(text: string, direction: "next" | "previous", listener: (result: SearchResult) => void): void;
  endSearch(): void;
}
