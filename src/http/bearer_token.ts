import { hash, timingSafeEqual } from "node:crypto";

/**
 * Checks `Authorization` headers against a token, in a time that says nothing of
 * it, not even how long it is.
 */
export function bearerCheck(
  token: string,
): (authorization: string | undefined) => boolean {
  const wanted = digest(`Bearer ${token}`);
  return (authorization = "") => {
    const given = authorization.replace(/^bearer +/i, "Bearer ");
    return timingSafeEqual(wanted, digest(given));
  };
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
