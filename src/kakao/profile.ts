import type { KakaoUser } from "./types.ts";

/** What a front end shows of a person; `null` is what Kakao did not give. */
export type Profile = {
  nickname: string | null;
  picture: string | null;
  email: string | null;
  emailVerified: boolean;
};

/**
 * Takes the profile out of Kakao's answer, believing no field's type. An address that Kakao calls invalid belongs to
 * somebody else by now and is dropped; a verified one is only one that is valid too.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#kakaoaccount
 */
export const profileOf = (user: KakaoUser): Profile => {
  const account: Record<string, unknown> = user.kakao_account ?? {};
  const profile = isRecord(account.profile) ? account.profile : {};
  const email = account.is_email_valid === false ? null : text(account.email, 320);
  return {
    nickname: text(profile.nickname, 200),
    picture: imageAddress(profile.profile_image_url) ?? imageAddress(profile.thumbnail_image_url),
    email,
    emailVerified: email !== null && account.is_email_valid === true && account.is_email_verified === true,
  };
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const text = (value: unknown, maximumLength: number): string | null =>
  typeof value === "string" && value !== "" && value.length <= maximumLength ? value : null;

/** Kakao's images exist under both schemes; only `https:` is ever shown (CWE-79: `javascript:` is no image). */
const imageAddress = (value: unknown): string | null => {
  const address = text(value, 2048)?.replace(/^http:\/\//, "https://");
  return address?.startsWith("https://") && URL.canParse(address) ? address : null;
};
