import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { ByteReader } from "./byteReader.ts";
import { ByteWriter } from "./byteWriter.ts";

/** How a column is written. */
const mode = { absent: 0, whole: 1, float: 2 } as const;
const packing = { plain: 0, zstd: 1 } as const;
const decimalScales = [1, 10, 100, 1000] as const;
const largest = Number.MAX_SAFE_INTEGER / 4;
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/**
 * Packs columns of numbers of equal length without loss. Neighbours of a column are alike, so each is written as the
 * differences of whole numbers (after the decimals and the common power of two are taken out) and the lot is compressed:
 * a sample of eleven metrics comes to about twelve bytes. NaN is "no value".
 */
export function encodeColumns(columns: readonly Float64Array[]): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(columns[0]?.length ?? 0);
  writer.varint(columns.length);
  for (const column of columns) {
    const body = encodeColumn(column);
    writer.varint(body.length);
    writer.append(body);
  }
  const plain = writer.written;
  const packed = zstdCompressSync(plain, zstdOptions);
  return packed.length < plain.length ? tagged(packing.zstd, packed) : tagged(packing.plain, plain);
}

/**
 * Unpacks the columns with the given indexes; the others are skipped. A column that the block does not have, because it
 * is older than the column, is all NaN.
 *
 * @throws {RangeError | Error} when the block is damaged
 */
export function decodeColumns(block: Uint8Array, indexes: readonly number[]): Float64Array[] {
  const body = block.subarray(1);
  const reader = new ByteReader(block[0] === packing.zstd ? zstdDecompressSync(body) : body);
  const rows = reader.varint();
  const count = reader.varint();
  const decoded = new Map<number, Float64Array>();
  for (let index = 0; index < count; index += 1) {
    const length = reader.varint();
    const bytes = reader.take(length);
    if (indexes.includes(index)) decoded.set(index, decodeColumn(new ByteReader(bytes), rows));
  }
  return indexes.map((index) => decoded.get(index) ?? new Float64Array(rows).fill(Number.NaN));
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(bytes.length + 1);
  block[0] = tag;
  block.set(bytes, 1);
  return block;
}

function encodeColumn(column: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  const present = column.filter((value) => !Number.isNaN(value));
  if (present.length === 0) {
    writer.byte(mode.absent);
    return writer.written;
  }
  const scale = decimalScales.findIndex((factor) => present.every((value) => isExact(value, factor)));
  writer.byte(scale === -1 ? mode.float : mode.whole);
  writePresence(writer, column, present.length);
  if (scale === -1) {
    for (const value of present) writer.float(value);
    return writer.written;
  }
  const whole = present.map((value) => Math.round(value * (decimalScales[scale] ?? 1)));
  const shift = commonShift(whole);
  writer.byte(scale);
  writer.byte(shift);
  writeDifferences(writer, whole, 2 ** shift);
  return writer.written;
}

function decodeColumn(reader: ByteReader, rows: number): Float64Array {
  const column = new Float64Array(rows).fill(Number.NaN);
  const kind = reader.byte();
  if (kind === mode.absent) return column;
  const places = readPresence(reader, rows);
  if (kind === mode.float) {
    for (const place of places) column[place] = reader.float();
    return column;
  }
  const factor = decimalScales[reader.byte()] ?? 1;
  const unit = 2 ** reader.byte();
  const order = reader.byte();
  let value = 0;
  let step = 0;
  for (const place of places) {
    const difference = reader.signed();
    step = order === 1 ? step + difference : difference;
    value += step;
    column[place] = (value * unit) / factor;
  }
  return column;
}

/** Whether `value` comes back the same after it was written as a whole number of `1 / factor`. */
function isExact(value: number, factor: number): boolean {
  const whole = Math.round(value * factor);
  return Math.abs(whole) < largest && whole / factor === value;
}

function commonShift(values: Float64Array): number {
  let shift = 0;
  // Counters of memory move in pages and kibibytes: their low bits are always zero.
  while (shift < 16 && values.every((value) => value % 2 ** (shift + 1) === 0)) shift += 1;
  return shift;
}

/**
 * Differences (order 0) suit what wanders, differences of differences (order 1) what runs at an even pace, like times
 * and uptimes. Whichever is smaller is written.
 */
function writeDifferences(writer: ByteWriter, values: Float64Array, unit: number): void {
  const first = differences(values.map((value) => value / unit));
  const second = differences(first);
  const order = magnitude(second) < magnitude(first) ? 1 : 0;
  writer.byte(order);
  for (const difference of order === 1 ? second : first) writer.signed(difference);
}

function differences(values: Float64Array): Float64Array {
  return values.map((value, index) => value - (values[index - 1] ?? 0));
}

/** Without the first two, which carry the level and the pace. */
function magnitude(values: Float64Array): number {
  let sum = 0;
  for (const value of values.subarray(2)) sum += Math.abs(value);
  return sum;
}

function writePresence(writer: ByteWriter, column: Float64Array, present: number): void {
  const complete = present === column.length;
  writer.byte(complete ? 1 : 0);
  if (complete) return;
  for (let row = 0; row < column.length; row += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8 && row + bit < column.length; bit += 1) {
      if (!Number.isNaN(column[row + bit])) bits |= 1 << bit;
    }
    writer.byte(bits);
  }
}

function readPresence(reader: ByteReader, rows: number): number[] {
  const complete = reader.byte() === 1;
  const places: number[] = [];
  let bits = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!complete && row % 8 === 0) bits = reader.byte();
    if (complete || (bits & (1 << (row % 8))) !== 0) places.push(row);
  }
  return places;
}
