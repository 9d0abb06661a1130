/** Rules as labels from the right: `["kr", "co"]` for co.kr, `["ck", "*"]` for *.ck. In Punycode. */
export type Rules = { readonly suffixes: readonly string[][]; readonly exceptions: readonly string[][] };

/** A label of the tree. `kind` is null for what only lies on the way to rules, as `amazonaws` in s3.amazonaws.com. */
type Branch = { kind: "suffix" | "exception" | null; readonly below: Map<string, Branch> };

/** A group: labels, and the text that all of them are followed by. */
type Group = { readonly labels: string[]; readonly follow: string };

/** `Z` is the last capital, and what follows it in ASCII is a bracket. */
const MAXIMUM_SHARED = 25;

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

const grow = ({ suffixes, exceptions }: Rules): Branch => {
  const root: Branch = { kind: null, below: new Map() };
  const add = (labels: readonly string[], kind: "suffix" | "exception"): void => {
    let branch = root;
    for (const label of labels) {
      const next = branch.below.get(label) ?? { kind: null, below: new Map() };
      branch.below.set(label, next);
      branch = next;
    }
    branch.kind = kind;
  };
  for (const labels of suffixes) if (labels.length > 1) add(labels, "suffix");
  for (const labels of exceptions) add(labels, "exception");
  return root;
};

const followOf = ({ kind, below }: Branch): string => {
  if (kind === "exception") return "!";
  if (below.size === 0) return "";
  const inner = packGroups(below).join("");
  return kind === "suffix" ? `(${inner})` : `[${inner}]`;
};

const packLabels = ({ labels, follow }: Group): string => {
  let packed = "";
  let previous: string | null = null;
  for (const label of labels.sort(compare)) {
    let shared = 0;
    while (shared < MAXIMUM_SHARED && label[shared] === previous?.[shared]) shared += 1;
    packed += previous === null ? label : String.fromCharCode("A".charCodeAt(0) + shared) + label.slice(shared);
    previous = label;
  }
  return packed + follow;
};

/** The group with nothing below comes last, the bracket behind it is its end. Like texts lie together for gzip. */
const packGroups = (below: ReadonlyMap<string, Branch>): string[] => {
  const groups = new Map<string, Group>();
  for (const [label, branch] of below) {
    const follow = followOf(branch);
    const group = groups.get(follow) ?? { labels: [], follow };
    group.labels.push(label);
    groups.set(follow, group);
  }
  const order = (left: Group, right: Group): number =>
    Number(left.follow === "") - Number(right.follow === "") ||
    left.follow.length - right.follow.length ||
    compare(left.follow, right.follow);
  return [...groups.values()].sort(order).map(packLabels);
};

/** The rules in the form that `is-public-suffix.ts` describes and reads, a text for each group of top-level names. */
export const packRules = (rules: Rules): string[] => packGroups(grow(rules).below);
