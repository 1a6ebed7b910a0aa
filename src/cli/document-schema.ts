/** The parts of schemas/report.schema.json that are looked at here. */
interface ReportSchema {
  readonly $schema: string;
  readonly definitions: Readonly<Record<string, Definition>>;
}

interface Definition {
  readonly properties?: { readonly format?: { readonly const?: string } };
}

/** The schema of one JSON document alone, with the definitions that it needs. */
export function documentSchema(whole: object, format: string): object {
  const { $schema, definitions } = whole as ReportSchema;
  const document = Object.values(definitions).find(({ properties }) => properties?.format?.const === format);
  if (document === undefined) throw new Error(`no definition for ${format}`);
  const needed = new Set<string>();
  addReferences(document, definitions, needed);
  const used = Object.entries(definitions).filter(([name]) => needed.has(name));
  return { $schema, title: format, ...document, definitions: Object.fromEntries(used) };
}

function addReferences(schema: unknown, definitions: ReportSchema['definitions'], needed: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    const name = key === '$ref' ? /^#\/definitions\/(.*)$/.exec(String(value))?.[1] : undefined;
    if (name === undefined) addReferences(value, definitions, needed);
    else if (!needed.has(name)) {
      needed.add(name);
      addReferences(definitions[name], definitions, needed);
    }
  }
}
