import { createContext } from "svelte";
import type { Disposable } from "../../src-main/base/disposable.ts";
import type { DocumentDesks } from "../documents/documentDesks.svelte.ts";
import type { I18n } from "../i18n/i18n.svelte.ts";
import type { Platform } from "../platform/platform.ts";
import type { Terminals } from "../terminals/terminals.svelte.ts";
import type { AlertRuleBook } from "./alertRuleBook.svelte.ts";
import type { Appearance } from "./appearance.svelte.ts";
import type { CommandFeed } from "./commandFeed.ts";
import type { Fleet } from "./fleet.svelte.ts";
import type { Link } from "./link.svelte.ts";
import type { MetricWatch } from "./metricWatch.ts";
import type { NodeListState } from "./nodeList.svelte.ts";
import type { OpenAlerts } from "./openAlerts.svelte.ts";
import type { Preferences } from "./preferences.svelte.ts";
import type { Router } from "./router.svelte.ts";
import type { Session } from "./session.svelte.ts";
import type { Ticker } from "./ticker.svelte.ts";
import type { Toasts } from "./toasts.svelte.ts";

/** What every page may use. Made once, by `createApp`. */
export interface App extends Disposable {
  readonly platform: Platform;
  readonly session: Session;
  readonly link: Link;
  readonly router: Router;
  readonly ticker: Ticker;
  readonly preferences: Preferences;
  readonly appearance: Appearance;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly fleet: Fleet;
  readonly metricWatch: MetricWatch;
  readonly openAlerts: OpenAlerts;
  readonly alertRules: AlertRuleBook;
  readonly commandFeed: CommandFeed;
  readonly nodeList: NodeListState;
  readonly terminals: Terminals;
  readonly documents: DocumentDesks;
}

export const [useApp, provideApp] = createContext<App>();
