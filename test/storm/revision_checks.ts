import type { SessionForm } from "../reference/last_forms.ts";
import type { StoredForm, StormEvidence } from "./storm_evidence.ts";

/** Forms whose id and revision came before. */
export function repeated({ forms }: StormEvidence): string[] {
  const seen = new Set<string>();
  return forms.flatMap(({ id, revision }) => {
    const name = `${id} revision ${revision}`;
    if (seen.has(name)) return [name];
    seen.add(name);
    return [];
  });
}

/** The forms of each id, by revision. */
function formsById(forms: readonly StoredForm[]): StoredForm[][] {
  const sorted = forms.toSorted((a, b) => a.revision - b.revision);
  return [...Map.groupBy(sorted, ({ id }) => id).values()];
}

/**
 * A revision may be missing only where a merge is between: the merged session
 * goes on from the highest revision of its parts.
 */
export function holes({ forms }: StormEvidence): string[] {
  const known = new Set(forms.map((form) => `${form.id} ${form.revision}`));
  return formsById(forms).flatMap((ofId) => {
    let before = -1;
    return ofId.flatMap((form) => {
      const expected = before + 1;
      before = form.revision;
      if (form.revision <= expected || isMerged(form, known)) return [];
      return [`${form.id}: ${form.revision} where ${expected} should be`];
    });
  });
}

function isMerged(
  { supersedes, revision }: SessionForm,
  known: ReadonlySet<string>,
): boolean {
  return supersedes.some((id) => known.has(`${id} ${revision - 1}`));
}

/** Forms behind one that said that it is the last. */
export function behindFinal({ forms }: StormEvidence): string[] {
  return formsById(forms).flatMap((ofId) => {
    const final = ofId.find(({ isFinal }) => isFinal);
    if (final === undefined) return [];
    return ofId
      .filter(({ revision }) => revision > final.revision)
      .map(({ id, revision }) => `${id}: ${revision}`);
  });
}
