import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import { mount } from "svelte";
import * as z from "zod/mini";
import App from "./App.svelte";
import { createApp } from "./createApp.svelte.ts";
import { browserPlatform } from "./platform/browser/browserPlatform.ts";

// Compiled schemas need `eval`, which the page's policy forbids.
z.config({ jitless: true });

mount(App, { target: document.body, props: { app: createApp(browserPlatform()) } });
