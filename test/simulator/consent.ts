import type { AuthorizeRequest } from "./authorize-request.ts";
import type { Link } from "./state.ts";
import type { ConsentItem, ServiceTerms } from "./types.ts";

/** What the consent page has to ask. */
export type Asked = { items: readonly ConsentItem[]; terms: readonly ServiceTerms[] };

/**
 * What a person must still be asked before the app gets a code; null: nothing, the code goes back at once.
 *
 * At the first login these are the console's consent items, or those named in `scope` with the required ones; later
 * only what `scope` names, or what has become required, and is not agreed to yet. Terms show a page only when a
 * required one is among them. What `scope` does at a first login is not documented; this is what the page's wording
 * about additional consent suggests.
 */
export const consentToAsk = (request: AuthorizeRequest, link: Link | null): Asked | null => {
  const isOpen = (item: ConsentItem) => !link?.agreed.has(item.id);
  const isWanted = (item: ConsentItem) => {
    if (item.required) return true;
    if (request.scope !== null) return request.scope.includes(item);
    return link === null && item.onUse !== true;
  };
  const items = request.client.app.consentItems.filter((item) => isOpen(item) && isWanted(item));
  const openTerms = request.serviceTerms.filter((term) => !link?.terms.has(term.tag));
  const terms = openTerms.some((term) => term.required) ? openTerms : [];
  return link === null || items.length > 0 || terms.length > 0 ? { items, terms } : null;
};

/** The items agreed to, with the parts of `profile`, which apps from before June 2021 have for nickname and picture. */
export const withParts = (agreed: ReadonlySet<string>): ReadonlySet<string> =>
  agreed.has("profile") ? new Set([...agreed, "profile_nickname", "profile_image"]) : agreed;

const ITEM_NAMES: Readonly<Record<string, string>> = {
  profile: "프로필 정보(닉네임, 프로필 사진)",
  profile_nickname: "닉네임",
  profile_image: "프로필 사진",
  account_email: "카카오계정(이메일)",
  name: "이름",
  gender: "성별",
  age_range: "연령대",
  birthday: "생일",
  birthyear: "출생 연도",
  phone_number: "카카오계정(전화번호)",
  account_ci: "연계정보(CI)",
  shipping_address: "배송지정보",
  friends: "카카오 서비스 내 친구목록",
  talk_message: "카카오톡 메시지 전송",
};

/** The Korean name of a consent item as the consent page shows it. */
export const consentItemName = (id: string): string => ITEM_NAMES[id] ?? id;
