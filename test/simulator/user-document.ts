import { withParts } from "./consent.ts";
import type { JsonObject } from "./json.ts";
import type { Link } from "./state.ts";
import type { KakaoApp, Person, PersonAccount } from "./types.ts";

/** The members of `kakao_account` that one consent item opens, beside its `…_needs_agreement`. */
type Opened = { item: string; flag: string; property: string; value: JsonObject | null };

const openedBy = (account: PersonAccount): Opened[] => {
  const { email, birthday, ci } = account;
  const text = (name: string, value: string | null) => (value === null ? null : { [name]: value });
  const plain = (item: string, name: string, value: string | null): Opened => ({
    item,
    flag: `${name}_needs_agreement`,
    property: name,
    value: text(name, value),
  });
  return [
    plain("name", "name", account.name),
    {
      item: "account_email",
      flag: "email_needs_agreement",
      property: "email",
      value: email && { is_email_valid: email.valid, is_email_verified: email.verified, email: email.address },
    },
    plain("age_range", "age_range", account.ageRange),
    plain("birthyear", "birthyear", account.birthyear),
    {
      item: "birthday",
      flag: "birthday_needs_agreement",
      property: "birthday",
      value: birthday && {
        birthday: birthday.date,
        birthday_type: birthday.type,
        is_leap_month: birthday.isLeapMonth,
      },
    },
    plain("gender", "gender", account.gender),
    plain("phone_number", "phone_number", account.phoneNumber),
    {
      item: "account_ci",
      flag: "ci_needs_agreement",
      property: "ci",
      value: ci && { ci: ci.value, ci_authenticated_at: ci.authenticatedAt },
    },
  ];
};

/** The `profile` object. Kakao's example with the nickname alone has no `is_default_nickname`. */
const profileOf = (account: PersonAccount, agreed: ReadonlySet<string>, secure: boolean): JsonObject | null => {
  const withScheme = (url: string) => (secure ? url.replace(/^http:/, "https:") : url);
  const hasNickname = agreed.has("profile_nickname");
  if (!agreed.has("profile_image")) return hasNickname ? { nickname: account.nickname } : null;
  const image = {
    thumbnail_image_url: withScheme(account.thumbnailImageUrl),
    profile_image_url: withScheme(account.profileImageUrl),
    is_default_image: account.isDefaultImage,
  };
  if (!hasNickname) return image;
  return { nickname: account.nickname, ...image, is_default_nickname: account.isDefaultNickname };
};

/** Whether a member was asked for: `["kakao_account.email"]` names one, `["kakao_account."]` all. Null asks for all. */
const isWanted = (keys: readonly string[] | null, object: string, property: string): boolean =>
  keys === null || keys.includes(`${object}.`) || keys.includes(`${object}.${property}`);

/**
 * The body of `/v2/user/me`. What is not agreed to is left out and flagged; an item that the app has not set up, or of
 * which the person has nothing, leaves no trace or a false flag. `id` is a `Long` and needs `writeJson`.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#req-user-info
 */
export const userDocument = (
  app: KakaoApp,
  person: Person,
  link: Link,
  options: { secureResource: boolean; propertyKeys: readonly string[] | null },
): JsonObject => {
  const agreed = withParts(link.agreed);
  const { propertyKeys: keys } = options;
  const isSetUp = (item: string) => app.consentItems.some((candidate) => candidate.id === item);

  const members: Record<string, JsonObject[string]> = {};
  if (person.account !== null) {
    if (isWanted(keys, "kakao_account", "profile")) {
      for (const item of ["profile", "profile_nickname", "profile_image"]) {
        if (isSetUp(item)) members[`${item}_needs_agreement`] = !agreed.has(item);
      }
      const profile = profileOf(person.account, agreed, options.secureResource);
      if (profile !== null) members.profile = profile;
    }
    for (const { item, flag, property, value } of openedBy(person.account)) {
      if (!isSetUp(item) || !isWanted(keys, "kakao_account", property)) continue;
      members[flag] = value !== null && !agreed.has(item);
      if (value !== null && agreed.has(item)) Object.assign(members, value);
    }
  }
  const properties = Object.entries(person.properties ?? {})
    .filter(([name]) => isWanted(keys, "properties", name))
    .map(([name, value]) => [name, options.secureResource ? value.replace(/^http:/, "https:") : value]);

  return {
    id: BigInt(person.id),
    connected_at: new Date(link.connectedAt).toISOString().replace(/\.\d+Z$/, "Z"),
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(Object.keys(members).length > 0 ? { kakao_account: members } : {}),
    ...(agreed.has("talk_message") ? { for_partner: { uuid: `simulator-${person.id}` } } : {}),
  };
};
