import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KakaoUser, profileOf } from "../../../src/kakao/index.ts";

const profileOfAccount = (kakao_account: unknown) => profileOf({ id: 1, kakao_account } as KakaoUser);

const NOTHING = { nickname: null, picture: null, email: null, emailVerified: false };

describe("the e-mail address", () => {
  const address = "seoyun@example.com";
  test.each([
    ["valid and verified", { email: address, is_email_valid: true, is_email_verified: true }, address, true],
    ["valid, not verified", { email: address, is_email_valid: true, is_email_verified: false }, address, false],
    ["taken over by another account", { email: address, is_email_valid: false, is_email_verified: true }, null, false],
    ["neither", { email: address, is_email_valid: false, is_email_verified: false }, null, false],
    ["verified, validity unsaid", { email: address, is_email_verified: true }, address, false],
    ["valid, verification unsaid", { email: address, is_email_valid: true }, address, false],
    ["nothing said", { email: address }, address, false],
    ["flags as texts", { email: address, is_email_valid: "true", is_email_verified: "true" }, address, false],
    ["flags as numbers", { email: address, is_email_valid: 1, is_email_verified: 1 }, address, false],
    ["not agreed to", { email_needs_agreement: true }, null, false],
    ["absent, flags all the same", { is_email_valid: true, is_email_verified: true }, null, false],
    ["empty", { email: "", is_email_valid: true, is_email_verified: true }, null, false],
    ["no text", { email: 5, is_email_valid: true, is_email_verified: true }, null, false],
    ["longer than an address can be", { email: `${"a".repeat(320)}@b`, is_email_valid: true }, null, false],
  ])("%s", (_, account, email, emailVerified) => {
    expect(profileOfAccount(account)).toEqual({ ...NOTHING, email, emailVerified });
  });
});

describe("the picture", () => {
  const large = "https://k.kakaocdn.net/dn/img_640x640.jpg";
  const small = "https://k.kakaocdn.net/dn/img_110x110.jpg";
  test.each([
    ["the large one first", { profile_image_url: large, thumbnail_image_url: small }, large],
    ["the small one alone", { thumbnail_image_url: small }, small],
    ["the small one when the large one is no good", { profile_image_url: "", thumbnail_image_url: small }, small],
    ["http: becomes https:", { profile_image_url: large.replace("https:", "http:") }, large],
    ["javascript: is no picture (CWE-79)", { profile_image_url: "javascript:alert(1)//https://" }, null],
    ["data: is no picture", { profile_image_url: "data:image/svg+xml,<svg onload=alert(1)>" }, null],
    ["a scheme-relative address", { profile_image_url: "//k.kakaocdn.net/a.jpg" }, null],
    ["no host", { profile_image_url: "https://" }, null],
    ["no text", { profile_image_url: [large] }, null],
    ["longer than 2,048 characters", { profile_image_url: `${large}?${"a".repeat(2048)}` }, null],
  ])("%s", (_, profile, picture) => {
    expect(profileOfAccount({ profile })).toEqual({ ...NOTHING, picture });
  });
});

describe("the nickname", () => {
  test.each([
    ["서윤", "서윤"],
    ["<script>", "<script>"],
    ["", null],
    [5, null],
    [null, null],
    ["가".repeat(201), null],
  ])("%j becomes %j", (nickname, expected) => {
    expect(profileOfAccount({ profile: { nickname } }).nickname).toBe(expected);
  });
});

test.each([
  ["no kakao_account", undefined],
  ["an empty one", {}],
  ["no profile", { email_needs_agreement: true }],
  ["a profile that is null", { profile: null }],
  ["a profile that is a text", { profile: "서윤" }],
])("%s gives nothing and fails nothing", (_, account) => {
  expect(profileOfAccount(account)).toEqual(NOTHING);
});

test("property: no account at all makes it throw or show anything but text, and verified means there is an address", () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.boolean(),
    fc.constantFrom("http://a.test", "https://", "javascript:"),
  );
  const profile = fc.record(
    { nickname: value, profile_image_url: value, thumbnail_image_url: value },
    { requiredKeys: [] },
  );
  const account = fc.record(
    { email: value, is_email_valid: value, is_email_verified: value, profile: fc.oneof(profile, value) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(account, (given) => {
      const { nickname, picture, email, emailVerified } = profileOfAccount(given);
      for (const text of [nickname, picture, email]) expect(text === null || typeof text === "string").toBe(true);
      if (picture !== null) expect(new URL(picture).protocol).toBe("https:");
      if (emailVerified) expect(email).not.toBeNull();
    }),
  );
});
