/** A JSON schema, as far as we use it. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** A number; `description` says unit and meaning where the name does not. */
export function number(description?: string): Schema {
  return { type: "number", ...described(description) };
}

/** A whole number. */
export function integer(description?: string): Schema {
  return { type: "integer", ...described(description) };
}

/** A text. */
export function text(description?: string): Schema {
  return { type: "string", ...described(description) };
}

/** True or false. */
export function flag(description?: string): Schema {
  return { type: "boolean", ...described(description) };
}

/** One of a few texts. */
export function oneOf(values: readonly string[], description?: string): Schema {
  return { type: "string", enum: values, ...described(description) };
}

/** The same, or null. */
export function orNull(schema: Schema): Schema {
  return { ...schema, type: [schema.type, "null"] };
}

/** A list of the same. */
export function list(items: Schema, description?: string): Schema {
  return { type: "array", items, ...described(description) };
}

/** An object with just these members, all of them. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  description?: string,
): Schema {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    ...described(description),
  };
}

/** Numbers by names that are not known before. */
export function numbersByName(description: string): Schema {
  return { type: "object", additionalProperties: number(), description };
}

/** What a request may say in its query, some of which it must: nothing else. */
export function query(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  return { type: "object", properties, required, additionalProperties: false };
}

/** Every failure. */
export const FAILURE = object(
  { error: text("what was being done, and what is wrong") },
  "why there is no such answer",
);

/** The answers of a route: the good one, and all failures. */
export function answers(good: Schema): Readonly<Record<string, Schema>> {
  return { 200: good, "4xx": FAILURE, "5xx": FAILURE };
}

/** The same for texts that are no JSON. */
export function textAnswer(
  mediaType: string,
  description: string,
): Readonly<Record<string, Schema>> {
  const content = { [mediaType]: { schema: text() } };
  return answers({ description, content });
}

function described(description: string | undefined): Schema {
  return description === undefined ? {} : { description };
}
