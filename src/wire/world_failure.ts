import { WindowLogError, WorldError } from "../errors.ts";

/**
 * What a thread answers when the world is not as the job needs it: an error on
 * its way between threads forgets what kind it was.
 */
export interface WorldFailure {
  readonly worldError: string;
  readonly isOfWindowLog: boolean;
}

/** What to answer with for a `WorldError`; throws any other error again. */
export function failureOf(error: unknown): WorldFailure {
  if (!(error instanceof WorldError)) throw error;
  const isOfWindowLog = error instanceof WindowLogError;
  return { worldError: error.message, isOfWindowLog };
}

/** What the thread has answered. Throws the `WorldError` that it is, if it is. */
export function resultOf<Answer extends object>(
  answer: Answer | WorldFailure,
): Answer {
  if (!("worldError" in answer)) return answer;
  const Kind = answer.isOfWindowLog ? WindowLogError : WorldError;
  throw new Kind(answer.worldError);
}
