/** What makes firings comparable: an id, its revision, ids swallowed so far. */
export interface SessionForm {
  readonly id: string;
  readonly revision: number;
  readonly supersedes: readonly string[];
  /** The JSON value of the session. */
  readonly value: string;
}

/** The form of a session by its record headers or `metadata`. */
export function formOf(
  value: string,
  metadata: Readonly<Record<string, string>>,
): SessionForm {
  return {
    id: metadata["session-id"]!,
    revision: Number(metadata.revision),
    supersedes: metadata.supersedes?.split(",") ?? [],
    value,
  };
}

/** The form of a line that `--with-metadata` wrote. */
export function formOfLine(line: string): SessionForm {
  const { metadata, ...session } = JSON.parse(line);
  return formOf(JSON.stringify(session), metadata);
}

/** The highest revision of every id that no `supersedes` names. */
export function lastForms<Form extends SessionForm>(
  forms: Iterable<Form>,
): Form[] {
  const superseded = new Set<string>();
  const highest = new Map<string, Form>();
  for (const form of forms) {
    for (const id of form.supersedes) superseded.add(id);
    const known = highest.get(form.id);
    if (known === undefined || form.revision > known.revision) {
      highest.set(form.id, form);
    }
  }
  return [...highest.values()].filter((form) => !superseded.has(form.id));
}

/** The last forms without what may differ between runs, sorted. */
export function normalizedLastForms(forms: Iterable<SessionForm>): string[] {
  return lastForms(forms).map(normalize).sort();
}

function normalize(form: SessionForm): string {
  const { data_processing_context: _, ...session } = JSON.parse(form.value);
  return JSON.stringify(session);
}
