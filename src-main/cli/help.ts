import { settingKeys, settings } from "./settings.ts";

const commands: readonly (readonly [string, string])[] = [
  ["token create [--name N] [--uses 1] [--expires 7d|never] [--group G]", "make an enrolment token"],
  ["token list | token revoke ID", "see and revoke tokens"],
  ["api-key create --server NAME [--group G]", "make the key of a server that speaks the monitoring protocol"],
  ["api-key list | api-key revoke ID", "see and revoke such keys"],
  ["user create NAME --role ROLE --password-file FILE [--groups A,B]", "make a user; FILE - is standard input"],
  ["user list | user remove NAME", "see and remove users"],
  ["user reset-two-factor NAME", "take the second factor away from somebody who lost it"],
  ["node list", "see the nodes"],
  ["node exec NODE [--timeout S] [--queue] -- COMMAND", "run a command on a node"],
  ["node shell NODE", "open a terminal on a node"],
  ["room create [--name N] [--max-clients N] [--expires 7d|never]", "make a room for devices, and its token"],
  ["room list | room revoke ID", "see and revoke rooms"],
  ["documents check", "read every stored file of the documents and compare it"],
  ["console", "print a link that signs in once"],
  ["config check", "check the configuration and start nothing"],
];

/** The text of `--help`. */
export function helpText(): string {
  const options = settingKeys.map((key) => {
    const setting = settings[key];
    return [`--${key}${"value" in setting ? ` ${setting.value}` : ""}`, setting.help] as const;
  });
  const more = [
    ["--config FILE", "the configuration file (YAML); keys as the options are called, without dashes"],
    ["--json", "for subcommands: print JSON"],
    ["--version, --help", ""],
  ] as const;
  return [
    "Picket: see and reach your machines. Agent, console and core in one program.",
    "",
    "picket [OPTIONS]                 core, agent and console on this machine",
    "picket --agent-only --server URL --token T",
    "picket --core-only --listen 0.0.0.0:9999 --tls-cert FILE --tls-key FILE",
    "",
    "Options (each also as PICKET_… in the environment and as a key of the configuration file):",
    ...table([...options, ...more]),
    "",
    "Subcommands (they talk to the core that runs on the same --data folder):",
    ...table(commands),
    "",
  ].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  return rows.map(([left, right]) =>
    left.length > 34 ? `  ${left}\n${" ".repeat(38)}${right}` : `  ${left.padEnd(36)}${right}`,
  );
}
