import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readRules, renderList } from "../../../src/lib/public-suffix/build.ts";
import { PACKED_RULES } from "../../../src/lib/public-suffix/list.ts";
import { packRules } from "../../../src/lib/public-suffix/pack.ts";

const labelsOf = (rule: string): string[] => rule.split(".").reverse();
const pack = (suffixes: string[], exceptions: string[] = []): string[] =>
  packRules({ suffixes: suffixes.map(labelsOf), exceptions: exceptions.map(labelsOf) });

describe("the list of public suffixes", () => {
  test("is what the installed tldts says: run `npm run build:packages` after an update", async () => {
    expect(await readFile("src/lib/public-suffix/list.ts", "utf8")).toBe(renderList());
  });

  test("is of host names as URL writes them, so that it costs the Worker no byte beyond ASCII", () => {
    expect(PACKED_RULES).toMatch(/^[\w*!()[\]-]+$/);
    const names = readRules().suffixes.map((labels) => labels.toReversed().join("."));
    expect(
      names.filter((name) => new URL(`https://${name.replace("*", "a")}`).hostname !== name.replace("*", "a")),
    ).toEqual([]);
  });

  test("costs below 27 kB gzip", () => {
    expect(gzipSync(PACKED_RULES, { level: 9 }).byteLength).toBeLessThan(27_000);
  });
});

describe("packRules()", () => {
  test.each<[what: string, suffixes: string[], exceptions: string[], packed: string[]]>([
    ["writes names from the right", ["co.kr"], [], ["kr[co]"]],
    ["leaves single labels out", ["com", "kr"], [], []],
    [
      "shares what siblings begin with",
      ["co.kr", "go.kr", "gangwon.kr", "gyeonggi.kr"],
      [],
      ["kr[coAgangwonBoByeonggi]"],
    ],
    ["tells a label from the one that it begins with", ["a.kr", "ab.kr", "abc.kr"], [], ["kr[aBbCc]"]],
    [
      "shares no more than there are capitals for",
      [`${"a".repeat(40)}.kr`, `${"a".repeat(41)}.kr`],
      [],
      [`kr[${"a".repeat(40)}Z${"a".repeat(16)}]`],
    ],
    ["sets suffixes with names below apart from mere parents", ["b.kr", "a.b.kr", "a.c.kr"], [], ["kr[b(a)c[a]]"]],
    ["writes what several share once", ["co.jp", "co.kr", "a.ne.kr", "a.or.kr"], [], ["jp[co]", "kr[neAor[a]co]"]],
    ["… for top-level names too", ["co.jp", "co.kr"], [], ["jpAkr[co]"]],
    ["marks exceptions", ["*.ck"], ["www.ck"], ["ck[www!*]"]],
  ])("%s", (_, suffixes, exceptions, packed) => {
    expect(pack(suffixes, exceptions)).toEqual(packed);
  });
});
