import { PACKED_RULES } from "./list.ts";

/*
 * How the list is written: a tree of names from the right. `kr[coAgangwonBo]` is co.kr, gangwon.kr and go.kr.
 * - A group is labels that have the same names below them. The first stands in full, each further one as a capital for
 *   how many characters it shares with the one before (A none, B one, …) and the rest: `Bo` after `gangwon` is `go`.
 * - What follows a group says what it is: `(…)` holds the names below suffixes, `[…]` the names below what is no suffix
 *   itself, `!` stands after exceptions. A group with a closing bracket next is of suffixes with nothing below them.
 * Names of a single label are left out: all of them are suffixes, by the list's rule for unknown names.
 */
const GROUP = /([^()[\]!]*)([()[\]!])/g;
const LABEL = /([A-Z]?)([^A-Z]+)/g;

/** Whether a group of labels has this one, or the `*` that stands for any. */
const holds = (group: string, label: string): boolean => {
  let previous = "";
  for (const [, shared = "", rest = ""] of group.matchAll(LABEL)) {
    previous = previous.slice(0, shared === "" ? 0 : shared.charCodeAt(0) - "A".charCodeAt(0)) + rest;
    if (previous === label || previous === "*") return true;
  }
  return false;
};

/**
 * Whether anybody can register names directly below this host (https://publicsuffix.org, private section included).
 * Takes `URL`'s `hostname`: lower case, Punycode, with or without the dot at the end. An IP address is no suffix, a
 * single label such as `localhost` always is. A name that cannot exist, such as one with an empty label, may be called
 * a suffix. Nothing is kept between calls; each reads the whole list, in some milliseconds the first time, then in one.
 */
export const isPublicSuffix = (hostname: string): boolean => {
  const labels = hostname.replace(/\.$/, "").split(".").reverse();
  if (labels.length === 1) return !hostname.startsWith("[");
  let depth = 0;
  /** How many of the brackets around, counted from outside, stand below labels of this host. */
  let followed = 0;
  let isSuffix = false;
  for (const [, group = "", sign = ""] of PACKED_RULES.matchAll(GROUP)) {
    const label = followed === depth ? (labels[depth] ?? null) : null;
    const isMatch = label !== null && holds(group, label);
    const isWholeMatch = isMatch && depth === labels.length - 1;
    if (isWholeMatch && sign === "!") return false;
    if (isWholeMatch && sign !== "[") isSuffix = true;
    if (sign === "(" || sign === "[") {
      depth += 1;
      if (isMatch) followed = depth;
    } else if (sign !== "!") {
      depth -= 1;
      followed = Math.min(followed, depth);
    }
  }
  return isSuffix;
};
