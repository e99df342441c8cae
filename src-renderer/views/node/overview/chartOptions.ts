import type uPlot from "uplot";
import type { Formats } from "../../../i18n/formats.ts";

export interface ChartSpec {
  /** How many metrics it shows: each has a band and a curve. */
  readonly curves: number;
  /** Fixed; otherwise from zero to what is needed. */
  readonly highest?: number;
  readonly axisText: (value: number) => string;
  /** Bytes are counted in powers of 1024: so are the steps of their axis. */
  readonly inBytes?: boolean;
}

export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly font: string;
  readonly curves: readonly { readonly line: string; readonly band: string }[];
}

export interface ChartEvents {
  readonly onselect: (from: number, to: number) => void;
  readonly onzoomout: () => void;
  /** The point under the crosshair; undefined when there is none. */
  readonly oncursor: (index: number | undefined) => void;
}

/** The colours of the theme in force: a canvas does not read style sheets. */
export function readColours(style: CSSStyleDeclaration): ChartColours {
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: read("--text-3"),
    grid: read("--grid"),
    font: `11px ${read("--font")}`,
    curves: [
      { line: read("--data-1"), band: read("--data-1-band") },
      { line: read("--data-2"), band: read("--data-2-band") },
    ],
  };
}

/** How a chart is drawn: per metric a band from the lowest to the highest value, and the average as a line. */
export function chartOptions(
  { curves, highest, axisText, inBytes = false }: ChartSpec,
  look: { readonly colours: ChartColours; readonly format: Formats; readonly width: number; readonly height: number },
  events: ChartEvents,
): uPlot.Options {
  const { colours, format, width, height } = look;
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (let curve = 0; curve < curves; curve += 1) {
    const colour = colours.curves[curve];
    const first = series.length;
    const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
    series.push(edge, edge, { stroke: colour?.line ?? "", width: 1.5, points: { show: false } });
    bands.push({ series: [first, first + 1], fill: colour?.band ?? "" });
  }
  const axis = { stroke: colours.text, font: colours.font, ticks: { show: false } };
  return {
    width,
    height,
    series,
    bands,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true },
      y: { range: (_, __, max) => [0, highest ?? (inBytes ? niceBytes(max) : niceTop(max))] },
    },
    axes: [
      {
        ...axis,
        grid: { stroke: colours.grid, width: 1 },
        space: 72,
        size: 28,
        gap: 6,
        values: (...[, splits, , , increment]) => splits.map((seconds) => timeText(seconds, increment, format)),
      },
      {
        ...axis,
        grid: { stroke: colours.grid, width: 1 },
        space: 34,
        size: inBytes ? 70 : 58,
        ...(inBytes ? { incrs: byteSteps } : {}),
        gap: 6,
        values: (_, splits) => splits.map(axisText),
      },
    ],
    cursor: {
      sync: { key: "picket-node" },
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          events.onzoomout();
          return null;
        },
      },
    },
    hooks: {
      setCursor: [(chart) => events.oncursor(chart.cursor.idx ?? undefined)],
      setSelect: [
        (chart) => {
          const { left, width: selected } = chart.select;
          if (selected < 6) return;
          events.onselect(chart.posToVal(left, "x") * 1000, chart.posToVal(left + selected, "x") * 1000);
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

const byteSteps = Array.from({ length: 48 }, (_, power) => 2 ** power);

/** The same for bytes. */
function niceBytes(highest: number | null): number {
  const wanted = Math.max(1024, (highest ?? 0) * 1.15);
  return byteSteps.flatMap((step) => [step, step * 1.5]).find((top) => top >= wanted) ?? wanted;
}

/** The end of an axis above the highest value: with air, and never so low that noise looks like a mountain. */
function niceTop(highest: number | null): number {
  const wanted = Math.max(1, (highest ?? 0) * 1.15);
  const magnitude = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * magnitude >= wanted) ?? 10;
  return step * magnitude;
}

function timeText(seconds: number, increment: number, format: Formats): string {
  // Reckoned in fractions, a full hour may come out as the millisecond before it.
  const time = Math.round(seconds) * 1000;
  const day = 86_400;
  if (increment >= 28 * day) return format.monthYear(time);
  const date = new Date(time);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (increment >= day || midnight) return format.monthDay(time);
  return increment >= 60 ? format.clockMinute(time) : format.clockTime(time);
}
