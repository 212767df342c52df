/** A schema of OpenAPI, as far as it is looked at here. */
export interface Schema {
  properties?: object;
  allOf?: Schema[];
  /** `#/components/schemas/NAME` */
  $ref?: string;
}

/** Names of the fields that a schema has, also by those that it is made of; `all` are the schemas by name. */
export function fieldsOf(schema: Schema | undefined, all: Record<string, Schema>): string[] {
  if (!schema) return [];
  const { properties = {}, allOf = [], $ref = '' } = schema;
  const referred = all[$ref.split('/').pop() ?? ''];
  return [...Object.keys(properties), ...[...allOf, referred].flatMap((part) => fieldsOf(part, all))];
}
