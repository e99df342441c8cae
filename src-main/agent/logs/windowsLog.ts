import { cutMessage } from "./lineLimits.ts";
import type { ProcessLog } from "./processSource.ts";

const channels = ["System", "Application"] as const;

/**
 * Windows' event log. PowerShell asks for what is new every few seconds and writes a line of JSON for each event; the
 * position is the last record's number of each channel.
 */
export const windowsLog: ProcessLog = {
  name: "event log",
  command(position) {
    const script = scriptFrom(readPosition(position));
    const encoded = Buffer.from(script, "utf16le").toString("base64");
    const args = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-EncodedCommand", encoded];
    return { file: "powershell.exe", args };
  },
  read(line) {
    let event: Readonly<Record<string, unknown>>;
    try {
      event = JSON.parse(line) as Record<string, unknown>;
    } catch {
      return undefined;
    }
    const { time, level, provider, message, position } = event;
    if (typeof message !== "string" || typeof time !== "number") return undefined;
    return {
      time,
      // 1 critical, 2 error, 3 warning, 4 information, 5 verbose; 0 is whatever the provider likes.
      level: (["info", "critical", "error", "warning", "info", "debug"] as const)[Number(level)] ?? "info",
      source: typeof provider === "string" && provider !== "" ? provider : "windows",
      message: cutMessage(message.trim()),
      position: typeof position === "object" && position !== null ? JSON.stringify(position) : undefined,
    };
  },
};

function readPosition(position: string | undefined): Readonly<Record<string, number>> {
  if (position === undefined) return {};
  const read = JSON.parse(position) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(channels.map((name) => [name, Number(read[name]) || 0]));
}

/** Only our own numbers and names get into it. */
function scriptFrom(position: Readonly<Record<string, number>>): string {
  const start = channels.map((name) => `'${name}'=${Math.trunc(position[name] ?? 0)}`).join(";");
  return `
$ErrorActionPreference = 'SilentlyContinue'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
$last = [ordered]@{${start}}
foreach ($name in @($last.Keys)) {
  $newest = Get-WinEvent -LogName $name -MaxEvents 1
  # A log that was cleared starts to count anew.
  if ($last[$name] -eq 0 -or ($newest -and $newest.RecordId -lt $last[$name])) {
    $last[$name] = if ($newest) { [Math]::Max(0, $newest.RecordId - 100) } else { 0 }
  }
}
while ($true) {
  foreach ($name in @($last.Keys)) {
    $query = "*[System[EventRecordID > $($last[$name])]]"
    Get-WinEvent -LogName $name -FilterXPath $query -Oldest -MaxEvents 500 | ForEach-Object {
      $last[$name] = $_.RecordId
      $event = [ordered]@{
        time = [DateTimeOffset]::new($_.TimeCreated).ToUnixTimeMilliseconds()
        level = $_.Level; provider = $_.ProviderName; position = $last
        message = if ($_.Message) { $_.Message } else { ($_.Properties | ForEach-Object { $_.Value }) -join ' ' }
      }
      [Console]::Out.WriteLine(($event | ConvertTo-Json -Compress -Depth 3))
    }
  }
  Start-Sleep -Seconds 3
}`;
}
