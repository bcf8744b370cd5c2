import type { FastifyInstance } from "fastify";
import { PAGE_CSS, PAGE_HTML, PAGE_JS } from "../page/generated/page_assets.ts";

const PAGE = [
  ["/", "text/html", PAGE_HTML],
  ["/page.js", "text/javascript", PAGE_JS],
  ["/page.css", "text/css", PAGE_CSS],
] as const;

/** The live page. It holds no data, so it needs no token: what it asks for does. */
export function addPageRoutes(app: FastifyInstance): void {
  for (const [path, mediaType, content] of PAGE) {
    const body = Buffer.from(content);
    app.get(
      path,
      { config: { isOpen: true }, schema: { hide: true } },
      async (_request, reply) => {
        reply.type(`${mediaType}; charset=utf-8`);
        return body;
      },
    );
  }
}
