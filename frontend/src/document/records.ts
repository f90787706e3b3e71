// Records by names that people choose, without what every object inherits: a node may be called "constructor".

/** What a record itself holds under a name. */
export function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A record that inherits nothing, so that any name can be looked up and put. */
export function byName<Value>(entries: Iterable<readonly [string, Value]> = []): Record<string, Value> {
  const made = Object.create(null) as Record<string, Value>;
  for (const [name, value] of entries) made[name] = value;
  return made;
}
