import type { FastifyInstance } from "fastify";
import { wallClockMs } from "../../clock.ts";
import type {
  OpenSession,
  OpenSessionForm,
  OpenSessionQuery,
} from "../../observe/run_view.ts";
import { type Explanation, explainSession } from "../explain.ts";
import { answers, query } from "../schemas/schema.ts";
import {
  EXPLANATION,
  LIST_QUERY,
  LOOK_UP,
  LOOK_UPS,
  LOOK_UPS_QUERY,
  SESSIONS,
  VISIT_PARAMS,
  VISIT_QUERY,
} from "../schemas/session_schemas.ts";
import { isoTime } from "../state_form.ts";
import type { AdminWorld } from "./admin_route.ts";

interface Visit {
  readonly visit_id: string;
}

interface LookUpsQuery {
  readonly visit_id: readonly string[];
}

/** Characters of JSON in one answer, of all its sessions, at most. */
const JSON_MAX = 4 << 20;

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
      const nowMs = wallClockMs();
      const now = isoTime(nowMs);
      return { nowMs, now, sessions: sessions.map(sessionForm) };
    },
  );
  app.get<{ Params: Visit }>(
    "/sessions/:visit_id",
    {
      schema: {
        summary: "the open sessions of a visit_id as they are now",
        params: VISIT_PARAMS,
        response: answers(LOOK_UP),
      },
    },
    async ({ params }) => {
      const { visit_id: visitId } = params;
      return lookUpForm(visitId, await view.session(visitId));
    },
  );
  app.get<{ Querystring: LookUpsQuery }>(
    "/look-ups",
    {
      schema: {
        summary: "the open sessions of up to 100 visit_ids as they are now",
        querystring: query(LOOK_UPS_QUERY, ["visit_id"]),
        response: answers(LOOK_UPS),
      },
    },
    async ({ query }) => {
      const visitIds = query.visit_id;
      const found = await Promise.all(
        visitIds.map((visitId) => view.session(visitId)),
      );
      const fits = jsonBudget();
      const lookUps = visitIds.map((visitId, index) =>
        lookUpForm(visitId, found[index]!.map(fits)),
      );
      return { lookUps };
    },
  );
  const explain = async ({ visit_id: visitId }: Visit) => {
    const sessions = await view.session(visitId);
    // Asked for behind the sessions: a watermark from before might not fit.
    const { state } = await samples.now();
    return explanationForm(
      explainSession(visitId, { state, sessions }),
      sessions,
    );
  };
  const summary = "why the sessions of a visit_id have not closed";
  const response = answers(EXPLANATION);
  app.get<{ Params: Visit }>(
    "/explain/:visit_id",
    { schema: { summary, params: VISIT_PARAMS, response } },
    ({ params }) => explain(params),
  );
  app.get<{ Querystring: Visit }>(
    "/explain",
    { schema: { summary, querystring: VISIT_QUERY, response } },
    ({ query }) => explain(query),
  );
}

/** Leaves the JSON out of what comes when there is too much of it already. */
function jsonBudget(): (session: OpenSessionForm) => OpenSessionForm {
  let left = JSON_MAX;
  return (session) => {
    left -= session.json?.length ?? 0;
    return left >= 0 ? session : { ...session, json: null };
  };
}

function lookUpForm(visitId: string, sessions: readonly OpenSessionForm[]) {
  return { visitId, sessions: sessions.map(sessionForm) };
}

/** With the sessions that are explained: asked for later, they are others. */
function explanationForm(
  explanation: Explanation,
  sessions: readonly OpenSessionForm[],
) {
  const told = explanation.sessions.map((why, index) => ({
    ...sessionForm(sessions[index]!),
    ...why,
  }));
  return { ...explanation, sessions: told };
}

function sessionForm<T extends OpenSession>(session: T) {
  return {
    ...session,
    start: isoTime(session.startMs),
    lastVisit: isoTime(session.lastVisitMs),
    end: isoTime(session.endMs),
  };
}
