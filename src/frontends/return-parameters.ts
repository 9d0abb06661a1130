/**
 * Adds parameters to a return target, before its fragment, and leaves every other byte of it alone: a front end may
 * compare or sign its own query. Parameters of the same names are replaced, so that none arrives twice.
 */
export const withParameters = (href: string, parameters: Readonly<Record<string, string>>): string => {
  const [beforeFragment = "", ...fragment] = href.split("#");
  const [path = "", ...query] = beforeFragment.split("?");
  const pairs = query.join("?") === "" ? [] : query.join("?").split("&");
  const kept = pairs.filter((pair) => !Object.hasOwn(parameters, nameOf(pair)));
  const added = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const search = [...kept, ...added].join("&");
  return path + (search && `?${search}`) + (fragment.length > 0 ? `#${fragment.join("#")}` : "");
};

const nameOf = (pair: string): string => {
  const [name = ""] = new URLSearchParams(`?${pair}`).keys();
  return name;
};
