import type { AddressBar } from "../platform.ts";
import { listen } from "./listen.ts";

/** The fragment of the page's address. */
export function browserAddressBar(): AddressBar {
  const listeners = new Set<(fragment: string) => void>();
  const read = (): string => location.hash.slice(1);
  return {
    fragment: {
      get value() {
        return read();
      },
      onChange(listener) {
        listeners.add(listener);
        const heard = listen(window, "hashchange", () => listener(read()));
        return {
          dispose() {
            listeners.delete(listener);
            heard.dispose();
          },
        };
      },
    },
    go(fragment) {
      location.hash = fragment;
    },
    replace(fragment) {
      history.replaceState(null, "", fragment === "" ? location.pathname : `#${fragment}`);
      // A replaced state makes no event.
      for (const listener of listeners) listener(fragment);
    },
  };
}
