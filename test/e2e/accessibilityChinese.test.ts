import { test } from "node:test";
import { noBrowser } from "../support/browser.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { lookAtEveryPage } from "../support/lookAtEveryPage.ts";

failOnLeaks();

test("axe finds nothing serious on any page in Chinese", { skip: noBrowser, timeout: 150_000 }, (context) =>
  lookAtEveryPage(context, "zh-CN"),
);
