import assert from "node:assert/strict";
import { test } from "node:test";
import { contentDisposition } from "../../src-main/http/contentDisposition.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

const rows: readonly (readonly [string, string, string])[] = [
  ["report.pdf", "report.pdf", "report.pdf"],
  ["two words (1).txt", "two words (1).txt", "two%20words%20%281%29.txt"],
  ['a"; filename="b.exe', "a__ filename=_b.exe", "a%22%3B%20filename%3D%22b.exe"],
  ["a\\b.txt", "a_b.txt", "a%5Cb.txt"],
  ["a\r\nset-cookie: x=1", "a__set-cookie_ x=1", "a%0D%0Aset-cookie%3A%20x%3D1"],
  ["résumé.doc", "re_sume_.doc", "r%C3%A9sum%C3%A9.doc"],
  ["文件.txt", "__.txt", "%E6%96%87%E4%BB%B6.txt"],
  ["100%.txt", "100_.txt", "100%25.txt"],
  ["it's.txt", "it_s.txt", "it%27s.txt"],
  ["half \ud800.txt", "half _.txt", "half%20%EF%BF%BD.txt"],
  ["\u202Egpj.exe", "_gpj.exe", "%E2%80%AEgpj.exe"],
];

for (const [name, plain, encoded] of rows) {
  test(`a file called ${JSON.stringify(name)}`, () => {
    const header = contentDisposition("attachment", name);
    assert.equal(header, `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`);
    assert.doesNotMatch(header, /[^\x20-\x7e]/);
  });
}
