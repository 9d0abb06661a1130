import type { OAuth2ProviderAuth, ProviderUserAuth } from "@lucia-auth/oauth";
import type { Auth } from "lucia";
import { describe, expectTypeOf, test } from "vitest";
import {
  type KakaoAuth,
  type KakaoProvider,
  type KakaoTokens,
  type KakaoUser,
  type KakaoUserAuth,
  kakao,
} from "../../../src/kakao/index.ts";

// The types of the Lucia v2 docs' Kakao page, written out field by field. Checked by tsc; at run time nothing happens.

type PageTokens = { accessToken: string; expiresIn: number; refreshToken: string; refreshTokenExpiresIn: number };

type PageProfile = {
  nickname?: string;
  thumbnail_image_url?: string;
  profile_image_url?: string;
  is_default_image?: boolean;
};

type PageAgeRange =
  | "1~9"
  | "10~14"
  | "15~19"
  | "20~29"
  | "30~39"
  | "40~49"
  | "50~59"
  | "60~69"
  | "70~79"
  | "80~89"
  | "90~";

type PageAccount = {
  profile_needs_agreement?: boolean;
  profile_nickname_needs_agreement?: boolean;
  profile_image_needs_agreement?: boolean;
  profile?: PageProfile;
  email_needs_agreement?: boolean;
  is_email_valid?: boolean;
  is_email_verified?: boolean;
  email?: string;
  name_needs_agreement?: boolean;
  name?: string;
  age_range_needs_agreement?: boolean;
  ag_range?: PageAgeRange;
  birthyear_needs_agreement?: boolean;
  birthyear?: string;
  birthday_needs_agreement?: boolean;
  birthday?: string;
  birthday_type?: "SOLAR" | "LUNAR";
  gender_needs_agreement?: boolean;
  gender?: "female" | "male";
  phone_number_needs_agreement?: boolean;
  phone_number?: string;
  ci_needs_agreement?: boolean;
  ci?: string;
  ci_authenticated_at?: string;
};

type PagePartner = { uuid?: string };

type PageUser = {
  id: number;
  has_signed_up?: boolean;
  connected_at?: string;
  synced_at?: string;
  properties?: Record<string, string>;
  kakao_account?: PageAccount;
  for_partner?: PagePartner;
};

interface PageUserAuth<_Auth extends Auth> extends ProviderUserAuth<_Auth> {
  kakaoUser: PageUser;
  kakaoTokens: PageTokens;
}

interface PageKakaoAuth<_Auth extends Auth = Auth> {
  getAuthorizationUrl: () => Promise<readonly [url: URL, state: string]>;
  validateCallback: (code: string) => Promise<PageUserAuth<_Auth>>;
}

type PageConfig = { clientId: string; clientSecret: string; redirectUri: string; scope?: string[] };
type PageKakao = (auth: Auth, config: PageConfig) => PageKakaoAuth;

type Account = NonNullable<KakaoUser["kakao_account"]>;
type Profile = NonNullable<Account["profile"]>;

describe("what the page promises to its reader", () => {
  test("kakao() takes the page's arguments and gives the page's provider", () => {
    expectTypeOf(kakao).toExtend<PageKakao>();
    expectTypeOf<PageConfig>().toExtend<Parameters<typeof kakao>[1]>();
  });

  test("the configuration needs the client id, its secret and the redirect URI", () => {
    expectTypeOf<Omit<PageConfig, "clientId">>().not.toExtend<Parameters<typeof kakao>[1]>();
    expectTypeOf<Omit<PageConfig, "clientSecret">>().not.toExtend<Parameters<typeof kakao>[1]>();
    expectTypeOf<Omit<PageConfig, "redirectUri">>().not.toExtend<Parameters<typeof kakao>[1]>();
    expectTypeOf<Omit<PageConfig, "scope">>().toExtend<Parameters<typeof kakao>[1]>();
  });

  test("KakaoAuth and KakaoProvider are one type, with the Auth given or not", () => {
    expectTypeOf<KakaoProvider>().toEqualTypeOf<KakaoAuth>();
    expectTypeOf<KakaoProvider<Lucia.Auth>>().toEqualTypeOf<KakaoAuth<Lucia.Auth>>();
    expectTypeOf<KakaoAuth>().toExtend<PageKakaoAuth>();
    expectTypeOf<KakaoAuth<Lucia.Auth>>().toExtend<PageKakaoAuth<Lucia.Auth>>();
  });

  test("it serves wherever the package's OAuth2ProviderAuth does", () => {
    type Contract = Pick<OAuth2ProviderAuth<KakaoUserAuth<Auth>>, "getAuthorizationUrl" | "validateCallback">;
    expectTypeOf<KakaoAuth>().toExtend<Contract>();
  });

  test("the page's calls need no argument but the code", () => {
    expectTypeOf<[]>().toExtend<Parameters<KakaoAuth["getAuthorizationUrl"]>>();
    expectTypeOf<[string]>().toExtend<Parameters<KakaoAuth["validateCallback"]>>();
    expectTypeOf<[]>().not.toExtend<Parameters<KakaoAuth["validateCallback"]>>();
  });

  test("KakaoTokens is exactly the page's", () => {
    expectTypeOf<KakaoTokens>().toEqualTypeOf<PageTokens>();
  });

  test("every field of KakaoUser that the page names has the page's type", () => {
    expectTypeOf<Pick<KakaoUser, Exclude<keyof PageUser, "kakao_account">>>().toEqualTypeOf<
      Omit<PageUser, "kakao_account">
    >();
    expectTypeOf<Pick<Account, Exclude<keyof PageAccount, "profile">>>().toEqualTypeOf<Omit<PageAccount, "profile">>();
    expectTypeOf<Pick<Profile, keyof PageProfile>>().toEqualTypeOf<PageProfile>();
    expectTypeOf<KakaoUser>().toExtend<PageUser>();
  });

  test("KakaoUserAuth is the page's, over the package's ProviderUserAuth", () => {
    expectTypeOf<KakaoUserAuth<Auth>>().toExtend<PageUserAuth<Auth>>();
    expectTypeOf<KakaoUserAuth<Lucia.Auth>>().toExtend<PageUserAuth<Lucia.Auth>>();
    expectTypeOf<KakaoUserAuth<Auth>["kakaoTokens"]>().toEqualTypeOf<PageTokens>();
    expectTypeOf<keyof ProviderUserAuth>().toExtend<keyof KakaoUserAuth<Auth>>();
  });
});

describe("what the page does not know", () => {
  test("Kakao's real names stand beside the page's", () => {
    expectTypeOf<Account["age_range"]>().toEqualTypeOf<PageAccount["ag_range"]>();
    expectTypeOf<KakaoUser["synched_at"]>().toEqualTypeOf<PageUser["synced_at"]>();
    expectTypeOf<Account["is_leap_month"]>().toEqualTypeOf<boolean | undefined>();
    expectTypeOf<Profile["is_default_nickname"]>().toEqualTypeOf<boolean | undefined>();
  });

  test("the user number is there as text", () => {
    expectTypeOf<KakaoUserAuth<Auth>["kakaoUserId"]>().toEqualTypeOf<string>();
  });
});
