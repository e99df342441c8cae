import assert from "node:assert/strict";
import { test } from "node:test";
import { maskContainerDetails } from "../../../src-main/core/containers/maskContainerDetails.ts";

const mask = "‹masked›";

test("values of variables, labels and addresses that look like secrets are masked, and the others stay", () => {
  const details = {
    Id: "abc",
    Config: {
      Env: [
        "PATH=/bin",
        "DB_PASSWORD=hunter2",
        "API_KEY=k",
        "STRIPE_SECRET=s",
        "MYSQL_ROOT_PWD=p",
        "DSN=x",
        "EMPTY_TOKEN=",
        "DATABASE=postgres://app:hunter2@db:5432/app",
        "MULTI_TOKEN=one\ntwo",
      ],
      Labels: { "traefik.http.auth": "admin:hash", color: "red" },
      Cmd: ["serve", "--redis", "redis://:hunter2@cache"],
    },
    HostConfig: { Privileged: false, IpcMode: "private" },
  };
  assert.deepEqual(maskContainerDetails(details), {
    Id: "abc",
    Config: {
      Env: [
        "PATH=/bin",
        `DB_PASSWORD=${mask}`,
        `API_KEY=${mask}`,
        `STRIPE_SECRET=${mask}`,
        `MYSQL_ROOT_PWD=${mask}`,
        `DSN=${mask}`,
        "EMPTY_TOKEN=",
        `DATABASE=postgres://app:${mask}@db:5432/app`,
        `MULTI_TOKEN=${mask}`,
      ],
      Labels: { "traefik.http.auth": mask, color: "red" },
      Cmd: ["serve", "--redis", `redis://:${mask}@cache`],
    },
    HostConfig: { Privileged: false, IpcMode: "private" },
  });
});
