import type { Language } from "./language.ts";

/** Every failure that a person can meet as a page; the codes are those of the JSON answers. */
export type ErrorCode =
  | "misconfigured"
  | "not_found"
  | "method_not_allowed"
  | "invalid_request"
  | "invalid_redirect_to"
  | "invalid_origin"
  | "invalid_callback"
  | "rate_limited"
  | "temporarily_unavailable"
  | "unauthenticated"
  | "server_error"
  | "invalid_target"
  | "invalid_grant";

/** `happened` and `advice` stand as two paragraphs; `retry` is what trying again means here, if it is more than that. */
export type ErrorText = { title: string; happened: string; advice: string; retry?: string };

/** Labels the link of the texts that have no label of their own. */
export const RETRY: Record<Language, string> = { ko: "다시 시도", en: "Try again" };

/** What each failure says, in both languages. No text promises the link, which not every answer has. */
export const ERROR_TEXTS: Record<ErrorCode, Record<Language, ErrorText>> = {
  misconfigured: {
    ko: {
      title: "로그인 서비스 설정에 문제가 있습니다",
      happened: "설정이 잘못되어 지금은 로그인 서비스를 이용할 수 없습니다.",
      advice: "사이트 운영자에게 아래 문의 번호를 알려 주세요.",
    },
    en: {
      title: "The login service is not set up correctly",
      happened: "A setting is missing or wrong, so nobody can log in right now.",
      advice: "Please give the reference below to the site’s operator.",
    },
  },
  not_found: {
    ko: {
      title: "페이지를 찾을 수 없습니다",
      happened: "주소가 잘못되었거나 없는 페이지입니다.",
      advice: "주소를 확인하거나 이용하던 사이트에서 다시 시작해 주세요.",
    },
    en: {
      title: "Page not found",
      happened: "There is no page at this address.",
      advice: "Check the address, or start again from the site you came from.",
    },
  },
  method_not_allowed: {
    ko: {
      title: "이 방식으로는 열 수 없습니다",
      happened: "이 주소가 받지 않는 방식으로 요청했습니다.",
      advice: "이용하던 사이트로 돌아가 다시 시도해 주세요.",
    },
    en: {
      title: "This address cannot be opened this way",
      happened: "The address exists but does not accept this kind of request.",
      advice: "Go back to the site you came from and try again.",
    },
  },
  invalid_request: {
    ko: {
      title: "요청을 처리할 수 없습니다",
      happened: "링크나 양식에 빠졌거나 잘못된 내용이 있습니다.",
      advice: "이용하던 사이트에서 다시 시도해 주세요. 계속되면 사이트 운영자에게 문의 번호를 알려 주세요.",
    },
    en: {
      title: "This request cannot be processed",
      happened: "Something in the link or form is missing or wrong.",
      advice: "Try again from the site you came from. If it happens again, give the reference to the site’s operator.",
    },
  },
  invalid_redirect_to: {
    ko: {
      title: "돌아갈 주소가 허용되지 않았습니다",
      happened: "이 링크에 적힌 주소는 등록된 사이트가 아니어서 이동하지 않았습니다.",
      advice: "이용하던 사이트에서 다시 시도해 주세요. 계속되면 사이트 운영자에게 문의 번호를 알려 주세요.",
    },
    en: {
      title: "The return address is not allowed",
      happened: "The link names an address that is not registered here, so you were not sent there.",
      advice: "Try again from the site you came from. If it happens again, give the reference to the site’s operator.",
    },
  },
  invalid_origin: {
    ko: {
      title: "요청을 차단했습니다",
      happened: "허용되지 않은 페이지에서 보낸 요청이라 처리하지 않았습니다. 바뀐 것은 없습니다.",
      advice: "이용하던 사이트에서 다시 시도해 주세요.",
    },
    en: {
      title: "The request was blocked",
      happened: "It came from a page that may not send it. Nothing was changed.",
      advice: "Try again from the site you were using.",
    },
  },
  invalid_callback: {
    ko: {
      title: "로그인을 마치지 못했습니다",
      happened: "로그인 시간이 지났거나 다른 브라우저에서 시작한 로그인입니다.",
      advice: "이 브라우저에서 다시 로그인해 주세요. 계속되면 쿠키가 차단되어 있지 않은지 확인해 주세요.",
      retry: "처음부터 다시 로그인",
    },
    en: {
      title: "Login was not completed",
      happened: "This login took too long or was started in another browser.",
      advice: "Log in again in this browser. If it happens again, check that cookies are not blocked.",
      retry: "Start again",
    },
  },
  rate_limited: {
    ko: {
      title: "요청이 너무 많습니다",
      happened: "짧은 시간에 너무 여러 번 시도했습니다.",
      advice: "1분 뒤에 다시 시도해 주세요.",
    },
    en: {
      title: "Too many tries",
      happened: "There were too many tries in a short time.",
      advice: "Please wait a minute, then try again.",
    },
  },
  temporarily_unavailable: {
    ko: {
      title: "지금은 이용할 수 없습니다",
      happened: "일시적인 문제로 연결되지 않았습니다. 로그인 상태와 정보는 그대로입니다.",
      advice: "잠시 후 다시 시도해 주세요.",
    },
    en: {
      title: "Not available right now",
      happened: "We have a temporary problem. Nothing was lost, and you have not been logged out.",
      advice: "Please try again in a moment.",
    },
  },
  unauthenticated: {
    ko: {
      title: "로그인이 필요합니다",
      happened: "로그인하지 않았거나 로그인이 만료되었습니다.",
      advice: "로그인한 뒤 다시 시도해 주세요.",
      retry: "로그인",
    },
    en: {
      title: "Please log in",
      happened: "You are not logged in, or your login has expired.",
      advice: "Log in, then try again.",
      retry: "Log in",
    },
  },
  server_error: {
    ko: {
      title: "문제가 발생했습니다",
      happened: "예상하지 못한 오류로 요청을 처리하지 못했습니다.",
      advice: "잠시 후 다시 시도해 주세요. 계속되면 사이트 운영자에게 문의 번호를 알려 주세요.",
    },
    en: {
      title: "Something went wrong",
      happened: "An unexpected error stopped your request.",
      advice: "Try again in a moment. If it happens again, give the reference to the site’s operator.",
    },
  },
  invalid_target: {
    ko: {
      title: "토큰을 발급할 수 없는 대상입니다",
      happened: "토큰을 쓸 곳으로 지정한 주소가 등록되어 있지 않습니다.",
      advice: "사이트 운영자에게 아래 문의 번호를 알려 주세요.",
    },
    en: {
      title: "No token for this audience",
      happened: "The token’s audience is not registered here.",
      advice: "Please give the reference below to the site’s operator.",
    },
  },
  invalid_grant: {
    ko: {
      title: "로그인을 확인하지 못했습니다",
      happened: "로그인 확인 코드가 만료되었거나 이미 사용되었습니다.",
      advice: "이용하던 사이트에서 다시 로그인해 주세요.",
      retry: "다시 로그인",
    },
    en: {
      title: "The login could not be confirmed",
      happened: "The login code has expired or was already used.",
      advice: "Log in again from the site you came from.",
      retry: "Log in again",
    },
  },
};
