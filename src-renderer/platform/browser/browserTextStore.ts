import type { TextStore } from "../platform.ts";

const prefix = "picket.";

/** A storage of the browser. It may be forbidden or full; what it holds is a comfort, never needed. */
export function browserTextStore(storage: () => Storage): TextStore {
  return {
    read(key) {
      try {
        return storage().getItem(prefix + key) ?? undefined;
      } catch {
        return undefined;
      }
    },
    write(key, value) {
      try {
        if (value === undefined) storage().removeItem(prefix + key);
        else storage().setItem(prefix + key, value);
      } catch {
        // Then the next visit starts from the defaults.
      }
    },
  };
}
