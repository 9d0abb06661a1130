import { useState } from "react";
import { auth } from "./auth.ts";
import { useSession } from "./use-session.ts";

/** The whole page: one person, or a way to become one. */
export function App() {
  const view = useSession(auth);
  switch (view.status) {
    case "loading":
      return <Page state="loading">확인하는 중… · One moment…</Page>;
    case "unreachable":
      return (
        <Page state="unreachable">
          <p>로그인 서버에 연결하지 못했습니다. · The auth server cannot be reached.</p>
          <button type="button" onClick={() => location.reload()}>
            다시 시도하기 · Try again
          </button>
        </Page>
      );
    case "known":
      return view.user ? (
        <Page state="signed-in">
          <p>
            <strong id="name">{view.user.nickname ?? "이름 없음 · No name"}</strong> {view.user.email}
          </p>
          <Action id="logout" act={() => auth.logout()}>
            로그아웃 · Log out
          </Action>
        </Page>
      ) : (
        <Page state="signed-out">
          {auth.error && <p role="alert">로그인하지 못했습니다. · The login did not work: {auth.error.code}</p>}
          <Action id="login" className="kakao" act={() => auth.login()}>
            카카오 로그인 · Login with Kakao
          </Action>
        </Page>
      );
  }
}

type PageProps = { state: "loading" | "unreachable" | "signed-in" | "signed-out"; children: React.ReactNode };

function Page({ state, children }: PageProps) {
  return (
    <main data-state={state} data-transport={state === "signed-in" ? auth.transport : ""}>
      <h1>React</h1>
      {children}
    </main>
  );
}

type ActionProps = { id: string; className?: string; act: () => Promise<void>; children: React.ReactNode };

/** A button whose act may fail, and then says why. */
function Action({ act, children, ...attributes }: ActionProps) {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <>
      {problem && <p role="alert">{problem}</p>}
      <button type="button" {...attributes} onClick={() => act().catch((error: Error) => setProblem(error.message))}>
        {children}
      </button>
    </>
  );
}
