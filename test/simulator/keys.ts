import { base64url, CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";

type KeyPair = { kid: string; privateJwk: JWK; publicJwk: { kty: "RSA"; n: string; e: string } };

/** How a fault changes a token: other header members, or a key that nobody publishes. */
type Tampering = { header?: Record<string, unknown>; foreignKey?: boolean };

export type Keys = {
  /** The published key set; with `foreign`, other keys under the same ids. */
  jwks(
    foreign?: boolean,
  ): Promise<{ keys: { kid: string; kty: string; alg: string; use: string; n: string; e: string }[] }>;
  sign(claims: Record<string, unknown>, tampering?: Tampering): Promise<string>;
};

const createPair = async (): Promise<KeyPair> => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const { n, e } = await exportJWK(publicKey);
  if (n === undefined || e === undefined) throw new TypeError("an RSA key has a modulus and an exponent");
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString("hex");
  return { kid, privateJwk: await exportJWK(privateKey), publicJwk: { kty: "RSA", n, e } };
};

/**
 * A signing key and an older one, as Kakao publishes two while keys rotate, and two that stay unpublished. They are made
 * at the first use, so that a simulator without OpenID Connect starts at once.
 */
export const createKeys = (): Keys => {
  let published: Promise<[KeyPair, KeyPair]> | null = null;
  let foreign: Promise<[KeyPair, KeyPair]> | null = null;
  const createPairs = () => Promise.all([createPair(), createPair()]);
  const publishedPairs = () => {
    published ??= createPairs();
    return published;
  };
  const foreignPairs = () => {
    foreign ??= createPairs();
    return foreign;
  };

  return {
    jwks: async (useForeign = false) => {
      const pairs = await publishedPairs();
      const shown = useForeign ? await foreignPairs() : pairs;
      const keys = shown.map((pair, index) => {
        const { kty, n, e } = pair.publicJwk;
        return { kid: (pairs[index] ?? pair).kid, kty, alg: "RS256", use: "sig", n, e };
      });
      return { keys };
    },
    sign: async (claims, tampering = {}) => {
      const [, current] = await publishedPairs();
      const [, unpublished] = tampering.foreignKey === true ? await foreignPairs() : [null, current];
      const header: { alg: string } & Record<string, unknown> = {
        kid: current.kid,
        typ: "JWT",
        alg: "RS256",
        ...tampering.header,
      };
      if (header.alg === "none") {
        const payload = base64url.encode(JSON.stringify(claims));
        return `${base64url.encode(JSON.stringify(header))}.${payload}.`;
      }
      // HS256 keyed with the public modulus: the classic confusion of a verifier that believes the header's `alg`.
      const key = header.alg.startsWith("HS")
        ? new TextEncoder().encode(current.publicJwk.n)
        : await importJWK(unpublished.privateJwk, header.alg);
      return new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
    },
  };
};
