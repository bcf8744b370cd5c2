import type { FastifyInstance } from "fastify";
import type { OpenSession, OpenSessionQuery } from "../../observe/run_view.ts";
import { explainSession } from "../explain.ts";
import { answers, query } from "../schemas/schema.ts";
import {
  EXPLANATION,
  LIST_QUERY,
  LOOK_UP,
  SESSIONS,
  VISIT_PARAMS,
} from "../schemas/session_schemas.ts";
import { isoTime } from "../state_form.ts";
import type { AdminWorld } from "./admin_route.ts";

interface VisitParams {
  readonly visit_id: string;
}

/** Open sessions, asked of their shards, and why they are open. */
export function addSessionRoutes(
  app: FastifyInstance,
  { view, samples }: AdminWorld,
): void {
  app.get<{ Querystring: OpenSessionQuery }>(
    "/sessions",
    {
      schema: {
        summary: "open sessions of this process",
        querystring: query(LIST_QUERY),
        response: answers(SESSIONS),
      },
    },
    async ({ query }) => {
      const sessions = await view.sessions(query);
      return { sessions: sessions.map(sessionForm) };
    },
  );
  app.get<{ Params: VisitParams }>(
    "/sessions/:visit_id",
    {
      schema: {
        summary: "the open sessions of a visit_id as they are now",
        params: VISIT_PARAMS,
        response: answers(LOOK_UP),
      },
    },
    async ({ params }) => {
      const sessions = await view.session(params.visit_id);
      return {
        visitId: params.visit_id,
        sessions: sessions.map(sessionForm),
      };
    },
  );
  app.get<{ Params: VisitParams }>(
    "/explain/:visit_id",
    {
      schema: {
        summary: "why the sessions of a visit_id have not closed",
        params: VISIT_PARAMS,
        response: answers(EXPLANATION),
      },
    },
    async ({ params }) => {
      const sessions = await view.session(params.visit_id);
      // Asked for behind the sessions: a watermark from before might not fit.
      const { state } = await samples.now();
      return explainSession(params.visit_id, { state, sessions });
    },
  );
}

function sessionForm<T extends OpenSession>(session: T) {
  return {
    ...session,
    start: isoTime(session.startMs),
    lastVisit: isoTime(session.lastVisitMs),
    end: isoTime(session.endMs),
  };
}
