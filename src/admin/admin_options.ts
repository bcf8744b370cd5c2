/** How the admin server is served: plain data. */
export interface AdminOptions {
  /** The address to listen on; only programs of this host reach `127.0.0.1`. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** A port that is taken is no failure: the next free one is used. */
  readonly mayMove: boolean;
  /** The origins where proxies show it, `https://ops.example`. */
  readonly origins: readonly string[];
  /** What requests must bear, all but those for health and page; null: nothing. */
  readonly token: string | null;
  /** That of sessionmill. */
  readonly version: string;
}

/** With what to tell of on the way. */
export interface ServeOptions extends AdminOptions {
  /** Takes a sentence for whoever runs the job. */
  warn(text: string): void;
}
