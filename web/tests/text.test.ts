import { expect, test } from "vitest";
import { csvCell, xmlText } from "../src/export/text.ts";

test("a cell is no formula, and one cell", () => {
  expect(["=1+1", "+x", "-x", "@x", "\tx", "＝1"].map(csvCell)).toEqual(["'=1+1", "'+x", "'-x", "'@x", "'\tx", "'＝1"]);
  expect(csvCell("\n=1")).toBe('"\'\n=1"');
  expect(csvCell('a,"b"')).toBe('"a,""b"""');
  expect(["-3.5", "1e-4", "+2", "-2", ""].map(csvCell)).toEqual(["-3.5", "1e-4", "+2", "-2", ""]);
});

test("text stands in XML as text, and what XML has no place for is a space", () => {
  expect(xmlText(`<b a='"'>&\0\u001b\ufffe\ud800`)).toBe("&#60;b a=&#39;&#34;&#39;&#62;&#38;    ");
});
