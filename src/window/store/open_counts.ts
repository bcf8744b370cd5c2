import type { SessionRow } from "./session_row.ts";

/** What the open windows hold, and the proof that it adds up. */
export class OpenCounts {
  sessions = 0;
  visits = 0;
  /** Visits that were never part of a firing. */
  unfired = 0;

  addVisit(): void {
    this.visits++;
    this.unfired++;
  }

  /** The session is about to fire. */
  fire(row: SessionRow): void {
    this.unfired -= row.unfired;
    if (this.unfired < 0) {
      throw new Error("Cannot fire session: more visits fired than came in");
    }
  }

  /** The session is about to be forgotten. */
  forget(row: SessionRow): void {
    this.sessions--;
    this.visits -= row.visits;
    this.unfired -= row.unfired;
    if (Math.min(this.sessions, this.visits, this.unfired) < 0) {
      throw new Error("Cannot forget session: more are gone than were opened");
    }
  }
}
