const CLOSERS: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/** Whether a text is JSON, or begins some that goes on behind a line break. */
export function isJsonStart(text: string): boolean {
  const end = missingEnd(text);
  if (end === null) return false;
  if (end === "") return isJson(text);
  const whole = text.replace(/,$/, "").replace(/:$/, ":null");
  return isJson(whole + end);
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What closes the brackets that are open; null within a string. */
function missingEnd(text: string): string | null {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  if (withoutStrings.includes('"')) return null;
  let end = "";
  for (const [bracket] of withoutStrings.matchAll(/[[\]{}]/g)) {
    const closer = CLOSERS[bracket];
    end = closer === undefined ? end.slice(1) : closer + end;
  }
  return end;
}
