import { DisposableStore } from "../src-main/base/disposable.ts";
import { DocumentDesks } from "./documents/documentDesks.svelte.ts";
import { I18n } from "./i18n/i18n.svelte.ts";
import type { Platform } from "./platform/platform.ts";
import { AlertRuleBook } from "./state/alertRuleBook.svelte.ts";
import type { App } from "./state/app.ts";
import { Appearance } from "./state/appearance.svelte.ts";
import { CommandFeed } from "./state/commandFeed.ts";
import { Fleet } from "./state/fleet.svelte.ts";
import { Link } from "./state/link.svelte.ts";
import { MetricWatch } from "./state/metricWatch.ts";
import { NodeListState } from "./state/nodeList.svelte.ts";
import { OpenAlerts } from "./state/openAlerts.svelte.ts";
import { Preferences } from "./state/preferences.svelte.ts";
import { Router } from "./state/router.svelte.ts";
import { Session } from "./state/session.svelte.ts";
import { Ticker } from "./state/ticker.svelte.ts";
import { Toasts } from "./state/toasts.svelte.ts";
import { Terminals } from "./terminals/terminals.svelte.ts";

/** The composition root: builds the console by hand, in order, and starts it. */
export function createApp(platform: Platform): App {
  const { clock, visible } = platform;
  const owned = new DisposableStore();
  const ticker = owned.add(new Ticker({ clock, visible }));
  const preferences = new Preferences(platform.deviceStore);
  const appearance = owned.add(new Appearance(preferences, platform.prefersDark));
  const i18n = new I18n(() => preferences.language, platform.languages);
  const ticket = takeTicket(platform);
  const router = owned.add(new Router(platform.address));
  const toasts = new Toasts(clock);
  const session = owned.add(new Session({ gate: platform.signIn, clock, onCoreTime: (time) => ticker.coreSaid(time) }));
  const link = owned.add(new Link({ session, clock, dial: (attach) => platform.dial(attach) }));
  const fleet = owned.add(new Fleet(link, clock));
  const metricWatch = owned.add(new MetricWatch({ link, fleet, visible }));
  const openAlerts = owned.add(new OpenAlerts(link, clock));
  const alertRules = owned.add(new AlertRuleBook(link));
  const commandFeed = new CommandFeed(link);
  const nodeList = new NodeListState();
  const terminals = owned.add(
    new Terminals({
      link,
      clock,
      store: platform.windowStore,
      theme: () => appearance.theme,
      lostText: (bytes) => i18n.t.terminal.lost(i18n.format.bytes(bytes)),
    }),
  );
  const documents = owned.add(new DocumentDesks(link, platform));
  owned.add(platform.onNetworkBack(() => link.retryNow()));
  owned.add(visible.onChange((now) => now && link.retryNow()));
  owned.add({
    dispose: $effect.root(() => {
      $effect(() => {
        if (session.status !== "signed-out") return;
        link.stop();
        fleet.clear();
        openAlerts.clear();
        alertRules.clear();
        terminals.letGo();
        documents.clear();
        nodeList.clear();
      });
    }),
  });
  ticker.start();
  void session.start(ticket);
  return {
    platform,
    session,
    link,
    router,
    ticker,
    preferences,
    appearance,
    i18n,
    toasts,
    fleet,
    metricWatch,
    openAlerts,
    alertRules,
    commandFeed,
    nodeList,
    terminals,
    documents,
    dispose: () => owned.dispose(),
  };
}

/** The ticket of a sign-in link. It is taken out of the address before anything else can see it there. */
function takeTicket({ address }: Platform): string | undefined {
  const ticket = /^ticket=([^&]+)$/.exec(address.fragment.value)?.[1];
  if (ticket !== undefined) address.replace("");
  return ticket;
}
