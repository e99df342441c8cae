import type { Watched } from "../platform.ts";
import { listen } from "./listen.ts";

/** Whether a media query fits the page now. */
export function watchMedia(query: string): Watched<boolean> {
  const media = matchMedia(query);
  return {
    get value() {
      return media.matches;
    },
    onChange: (listener) => listen(media, "change", () => listener(media.matches)),
  };
}
