import type { KafkaConfig } from "../config/config.ts";

/** The certificate was signed by nobody that is trusted. */
const UNTRUSTED_CODES = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What may be seen of a failed connection. */
interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly type?: unknown;
  readonly code?: unknown;
}

/**
 * What is wrong with the security settings, and what to change in them, when
 * that is why brokers cannot be talked to; null when it is something else.
 */
export function securityAdvice(
  error: unknown,
  { security }: KafkaConfig,
): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const advice = saslAdvice(at, security) ?? tlsAdvice(at, security);
    if (advice !== null) return advice;
  }
  return null;
}

function saslAdvice(
  { name, message = "", type }: Failure,
  { sasl }: KafkaConfig["security"],
): string | null {
  if (type === "ILLEGAL_SASL_STATE") {
    return (
      "this listener takes no SASL; leave sasl out of --kafka-config, or give " +
      "--brokers the port of a listener that does"
    );
  }
  if (
    type === "UNSUPPORTED_SASL_MECHANISM" ||
    message.endsWith("mechanism is not supported by the server")
  ) {
    const { mechanism } = sasl as { mechanism: string };
    return (
      `this listener does not take SASL mechanism "${mechanism}"; set ` +
      "sasl.mechanism in --kafka-config to one that the broker has enabled"
    );
  }
  if (name === "KafkaJSSASLAuthenticationError") {
    return (
      `${message}; check sasl.username and sasl.password in --kafka-config, and ` +
      "that sasl.mechanism is the one that the user was made for"
    );
  }
  return null;
}

function tlsAdvice(
  { name, message = "", code }: Failure,
  { ssl, sasl }: KafkaConfig["security"],
): string | null {
  if (name === "KafkaJSConnectionClosedError" && !ssl) {
    const missing = sasl ? "ssl" : "ssl or sasl";
    return (
      `it closes the connection, as listeners with ${sasl ? "TLS" : "TLS or SASL"} do; ` +
      `set ${missing} in --kafka-config, or give --brokers the port of a ` +
      "plaintext listener"
    );
  }
  if (UNTRUSTED_CODES.has(String(code))) {
    const what = message
      .replace(/^Connection error: /, "")
      .replace(/; if the root CA .*$/, "");
    return (
      `its certificate is not trusted: ${what}; set ssl.ca in --kafka-config to ` +
      "the certificate of who signed it, a path or PEM text"
    );
  }
  if (code === "CERT_HAS_EXPIRED") {
    return "its certificate has expired; the broker needs a new one";
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return (
      `${message.replace(/^Connection error: /, "").replace(/\.$/, "")}; give ` +
      "--brokers a name that its certificate is for, or set ssl.servername in " +
      "--kafka-config"
    );
  }
  if (/ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/.test(String(code))) {
    return "it asks for a certificate of ours; set ssl.cert and ssl.key in --kafka-config";
  }
  if (
    ssl &&
    /before secure TLS connection|wrong version number/.test(message)
  ) {
    return (
      "this listener speaks no TLS; leave ssl out of --kafka-config, or give " +
      "--brokers the port of a listener that does"
    );
  }
  return null;
}
