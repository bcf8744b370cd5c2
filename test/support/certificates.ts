import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What `makeCertificates` leaves in its folder, by name. */
export interface Certificates {
  /** The authority that signed the others. */
  readonly ca: string;
  /** A certificate for 127.0.0.1, and its key. */
  readonly cert: string;
  readonly key: string;
  /** Certificate and key of 127.0.0.1 in one file, as brokers take them. */
  readonly both: string;
  /** The key once more, encrypted with the passphrase "secret". */
  readonly encryptedKey: string;
}

/** Makes an authority and a certificate of it as PEM files in `folder`. */
export function makeCertificates(folder: string): Certificates {
  const openssl = (line: string) => {
    const options = { cwd: folder, stdio: "pipe" } as const;
    execFileSync("openssl", line.split(" "), options);
  };
  const fresh = "-newkey rsa:2048 -nodes";
  openssl(`req -x509 ${fresh} -keyout ca.key -out ca.pem -subj /CN=authority`);
  openssl(`req ${fresh} -keyout key.pem -out request.pem -subj /CN=127.0.0.1`);
  writeFileSync(join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  openssl(
    "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out cert.pem",
  );
  openssl("pkcs8 -topk8 -in key.pem -out locked.pem -passout pass:secret");
  const path = (name: string) => join(folder, name);
  const parts = [path("key.pem"), path("cert.pem")].map((part) =>
    readFileSync(part, "utf8"),
  );
  writeFileSync(path("both.pem"), parts.join(""));
  return {
    ca: path("ca.pem"),
    cert: path("cert.pem"),
    key: path("key.pem"),
    both: path("both.pem"),
    encryptedKey: path("locked.pem"),
  };
}
