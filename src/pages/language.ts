/** The languages the hosted pages are written in. */
export type Language = "ko" | "en";

export const LANGUAGES: readonly Language[] = ["ko", "en"];

// RFC 9110, section 12.4.2: a weight lies between 0 and 1; a range with any other is not understood and skipped.
const WEIGHT = /^(?:0(?:\.\d*)?|1(?:\.0*)?)$/;

type LanguageRange = { primary: string; weight: number };

const primarySubtag = (tag: string): string => tag.trim().toLowerCase().split("-")[0] ?? "";

const toLanguage = (tag: string): Language | null => {
  const primary = primarySubtag(tag);
  return LANGUAGES.find((language) => language === primary) ?? null;
};

const parseRange = (text: string): LanguageRange | null => {
  const [tag = "", ...parameters] = text.split(";").map((part) => part.trim());
  const weightText = parameters.find((parameter) => /^q\s*=/i.test(parameter))?.replace(/^q\s*=\s*/i, "") ?? "1";
  return WEIGHT.test(weightText) ? { primary: primarySubtag(tag), weight: Number(weightText) } : null;
};

const fromAcceptLanguage = (header: string): Language | null => {
  const ranges = header
    .split(",")
    .map(parseRange)
    .filter((range) => range !== null);
  const named = new Set(ranges.map((range) => range.primary));
  // The sort is stable: of two equal weights the one written first wins, as browsers mean it.
  for (const { primary, weight } of ranges.toSorted((one, other) => other.weight - one.weight)) {
    if (weight === 0) return null;
    const language =
      primary === "*" ? LANGUAGES.find((candidate) => !named.has(candidate)) : LANGUAGES.find((own) => own === primary);
    if (language !== undefined) return language;
  }
  return null;
};

/**
 * The language to answer in: the person's own choice (`?lang=`), else what the browser asks for, else Korean.
 * Total: whatever the two texts hold, it answers with one of the two languages.
 *
 * @param lang the query's `lang`, `null` when absent; a region is allowed (`en-GB`), an unknown language ignored
 * @param acceptLanguage the request's `Accept-Language`, `null` when absent
 * @see RFC 9110, section 12.5.4 (Accept-Language), and RFC 4647, section 3.4 (the primary subtag decides)
 */
export const chooseLanguage = (lang: string | null, acceptLanguage: string | null): Language =>
  toLanguage(lang ?? "") ?? fromAcceptLanguage(acceptLanguage ?? "") ?? "ko";

/**
 * A link to the page at `url` in the other language, for `PageFrame.switchHref`. It keeps the query and is relative
 * (`?…`), so that no path can turn it into another host. Give `null` instead for a page whose URL must not be opened
 * twice (the callback) or that answered a POST.
 */
export const switchLanguageHref = (url: URL, language: Language): string => {
  const query = new URLSearchParams(url.search);
  query.set("lang", language === "ko" ? "en" : "ko");
  return `?${query}`;
};
