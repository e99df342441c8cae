import { systemClock } from "../../../src-main/base/clock.ts";
import type { Platform } from "../platform.ts";
import { browserAddressBar } from "./browserAddressBar.ts";
import { browserDocumentFiles } from "./browserDocumentFiles.ts";
import { BrowserSignInGate } from "./browserSignInGate.ts";
import { browserTextStore } from "./browserTextStore.ts";
import { copyText } from "./copyText.ts";
import { dialCore } from "./dialCore.ts";
import { dialWebSocket, ownEndpoint } from "./dialWebSocket.ts";
import { listen } from "./listen.ts";
import { onLeaving } from "./onLeaving.ts";
import { saveFile } from "./saveFile.ts";
import { watchMedia } from "./watchMedia.ts";

/** The console in a browser, served by its core. */
export function browserPlatform(): Platform {
  const deviceStore = browserTextStore(() => localStorage);
  return {
    clock: systemClock,
    signIn: new BrowserSignInGate(deviceStore),
    dial: dialCore,
    ownRelay: ownEndpoint("/websocket").href,
    // The page's own policy (`connect-src 'self'`) forbids every other address.
    mayReachRelay: (url) => URL.parse(url)?.host === location.host,
    dialRelay: dialWebSocket,
    dialPath: (path, attach) => dialWebSocket(ownEndpoint(path), attach),
    documentFiles: browserDocumentFiles(),
    onLeaving,
    coreUrl: location.origin,
    deviceStore,
    windowStore: browserTextStore(() => sessionStorage),
    address: browserAddressBar(),
    visible: {
      get value() {
        return document.visibilityState === "visible";
      },
      onChange: (listener) =>
        listen(document, "visibilitychange", () => listener(document.visibilityState === "visible")),
    },
    prefersDark: watchMedia("(prefers-color-scheme: dark)"),
    onNetworkBack: (listener) => listen(window, "online", listener),
    languages: navigator.languages,
    copyText,
    pasteText: () => navigator.clipboard.readText(),
    saveFile,
  };
}
