import type { Person, PersonAccount } from "./types.ts";

/** The nickname that Kakao shows for a person who never chose one. */
const DEFAULT_NICKNAME = "닉네임을 등록해주세요";
const DEFAULT_IMAGE = "account_images/default_profile.jpeg";

const image = (folder: string, size: number) => `http://k.kakaocdn.net/dn/simulator/${folder}/img_${size}x${size}.jpg`;

const account = (nickname: string, folder: string, known: Partial<PersonAccount>): PersonAccount => ({
  nickname,
  isDefaultNickname: false,
  thumbnailImageUrl: image(folder, 110),
  profileImageUrl: image(folder, 640),
  isDefaultImage: false,
  name: null,
  email: null,
  ageRange: null,
  birthyear: null,
  birthday: null,
  gender: null,
  phoneNumber: null,
  ci: null,
  ...known,
});

const usable = (address: string) => ({ address, valid: true, verified: true });

/** Agrees to everything and has everything. */
export const FULL_PROFILE: Person = {
  id: "2604117385",
  loginId: "seoyun@example.com",
  summary: "모든 정보를 제공하는 사람",
  account: account("서윤", "seoyun", {
    name: "한서윤",
    email: usable("seoyun@example.com"),
    ageRange: "20~29",
    birthyear: "1999",
    birthday: { date: "0314", type: "SOLAR", isLeapMonth: false },
    gender: "female",
    phoneNumber: "+82 10-0000-1234",
    ci: { value: "c2ltdWxhdGVkLWNvbm5lY3RpbmctaW5mb3JtYXRpb24=", authenticatedAt: "2023-02-11T04:25:22Z" },
  }),
  properties: {
    nickname: "서윤",
    profile_image: image("seoyun", 640),
    thumbnail_image: image("seoyun", 110),
  },
  declines: [],
};

/** Has an e-mail address but does not agree to give it. */
export const NO_EMAIL: Person = {
  id: "2604117386",
  loginId: "dohyun@example.com",
  summary: "이메일 제공에 동의하지 않는 사람",
  account: account("도현", "dohyun", { email: usable("dohyun@example.com") }),
  properties: null,
  declines: ["account_email"],
};

/** Never opened the verification mail. */
export const UNVERIFIED_EMAIL: Person = {
  id: "2604117387",
  loginId: "jiho@example.com",
  summary: "이메일을 인증하지 않은 사람",
  account: account("지호", "jiho", { email: { address: "jiho@example.com", valid: true, verified: false } }),
  properties: null,
  declines: [],
};

/** The address was taken over by another Kakao account: still shown, no longer this person's. */
export const INVALID_EMAIL: Person = {
  id: "2604117388",
  loginId: "haeun@example.com",
  summary: "이메일이 만료된 사람",
  account: account("하은", "haeun", { email: { address: "haeun@example.com", valid: false, verified: true } }),
  properties: null,
  declines: [],
};

/** A user number above 2^53: `JSON.parse` would read it as 1376016924426273500. */
export const NINETEEN_DIGITS: Person = {
  id: "1376016924426273491",
  loginId: "minjae@example.com",
  summary: "회원번호가 19자리인 사람",
  account: account("민재", "minjae", { email: usable("minjae@example.com") }),
  properties: null,
  declines: [],
};

/** Kakao tells nothing but the user number: no `kakao_account`, no id_token claims about the person. */
export const BARE: Person = {
  id: "2604117389",
  loginId: "bare@example.com",
  summary: "회원번호 말고는 아무 정보도 없는 사람",
  account: null,
  properties: null,
  declines: ["profile_image", "account_email"],
};

/** Never chose a nickname or a picture. */
export const DEFAULT_PROFILE: Person = {
  id: "2604117390",
  loginId: "default@example.com",
  summary: "기본 닉네임과 기본 사진을 쓰는 사람",
  account: account(DEFAULT_NICKNAME, "default", {
    isDefaultNickname: true,
    isDefaultImage: true,
    thumbnailImageUrl: `http://img1.kakaocdn.net/thumb/R110x110.q70/?fname=http://t1.kakaocdn.net/${DEFAULT_IMAGE}`,
    profileImageUrl: `http://img1.kakaocdn.net/thumb/R640x640.q70/?fname=http://t1.kakaocdn.net/${DEFAULT_IMAGE}`,
    email: usable("default@example.com"),
  }),
  properties: null,
  declines: [],
};

/** Apps may refuse people under 14. */
export const UNDER_FOURTEEN: Person = {
  id: "2604117391",
  loginId: "yejun@example.com",
  summary: "만 14세 미만인 사람",
  account: account("예준", "yejun", { ageRange: "10~14" }),
  properties: null,
  declines: [],
  underFourteen: true,
};

export const READY_PEOPLE: readonly Person[] = [
  FULL_PROFILE,
  NO_EMAIL,
  UNVERIFIED_EMAIL,
  INVALID_EMAIL,
  NINETEEN_DIGITS,
  BARE,
  DEFAULT_PROFILE,
  UNDER_FOURTEEN,
];

/** Somebody who was typed into the login page: a new account with a nickname and, for an address, a verified e-mail. */
export const inventPerson = (id: string, loginId: string, nickname: string): Person => ({
  id,
  loginId,
  summary: "직접 입력한 사람",
  account: account(nickname === "" ? (loginId.split("@")[0] ?? loginId) : nickname, "typed", {
    email: loginId.includes("@") ? usable(loginId) : null,
  }),
  properties: null,
  declines: [],
});
