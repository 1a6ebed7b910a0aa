import { SaxesParser } from 'saxes';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Reads XML strictly: throws for everything that is not well-formed, a character that cannot be in XML included. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const top = (): XmlElement => open.at(-1)!;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes: { ...attributes }, children: [], text: '' };
    top().children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (piece) => (top().text += piece));
  parser.write(text).close();
  return root.children[0]!;
}

interface Rule {
  readonly required: readonly string[];
  readonly allowed: readonly string[];
  readonly children: readonly string[];
  readonly text?: true;
}

const COUNT = ['tests', 'failures', 'errors'];
const VERDICT: Rule = { required: [], allowed: ['type', 'message'], children: [], text: true };

/** What junit-10.xsd of Jenkins' xUnit plugin takes, as far as we write it. */
const RULES: Readonly<Record<string, Rule>> = {
  testsuites: { required: [], allowed: ['name', 'time', ...COUNT], children: ['testsuite'] },
  testsuite: {
    required: ['name', ...COUNT],
    allowed: ['time', 'skipped', 'timestamp', 'hostname'],
    children: ['properties', 'testcase'],
  },
  properties: { required: [], allowed: [], children: ['property'] },
  property: { required: ['name', 'value'], allowed: [], children: [] },
  testcase: {
    required: ['name'],
    allowed: ['classname', 'time'],
    children: ['skipped', 'error', 'failure', 'system-out'],
  },
  skipped: VERDICT,
  error: VERDICT,
  failure: VERDICT,
  'system-out': { required: [], allowed: [], children: [], text: true },
};

/** Throws where a report is not in the form that readers of JUnit reports take, or does not count right. */
export function parseJunit(text: string): XmlElement {
  const root = parseXml(text);
  if (root.name !== 'testsuites') throw new Error(`the root is ${root.name}`);
  checkElement(root);
  const [suite] = root.children;
  if (suite === undefined || root.children.length > 1) throw new Error('not one testsuite');
  const cases = suite.children.filter(({ name }) => name === 'testcase');
  const count = (verdict: string): string =>
    String(cases.filter(({ children }) => children.some(({ name }) => name === verdict)).length);
  const counted: Record<string, string> = {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
  };
  for (const element of [root, suite]) {
    for (const [name, value] of Object.entries(counted)) {
      if (element.attributes[name] !== value) throw new Error(`${element.name}: ${name} is not ${value}`);
    }
  }
  if (suite.attributes['skipped'] !== count('skipped')) throw new Error('skipped is not counted right');
  if (cases.length === 0) throw new Error('readers take a report without cases for a broken one');
  return suite;
}

function checkElement({ name, attributes, children, text }: XmlElement): void {
  const rule = RULES[name];
  if (rule === undefined) throw new Error(`there is no element ${name}`);
  const wrong = Object.keys(attributes).filter((key) => ![...rule.required, ...rule.allowed].includes(key));
  const missing = rule.required.filter((key) => !(key in attributes));
  const strangers = children
    .filter((child) => !rule.children.includes(child.name))
    .map((child) => child.name);
  if (wrong.length + missing.length + strangers.length > 0) {
    throw new Error(`${name}: ${JSON.stringify({ wrong, missing, strangers })}`);
  }
  if (rule.text === undefined && text.trim() !== '') throw new Error(`${name} holds text`);
  const { time, timestamp } = attributes;
  if (time !== undefined && !/^\d+\.\d{3}$/.test(time)) throw new Error(`${name}: time is ${time}`);
  // Without a zone: the strict schemas of this form allow none.
  if (timestamp !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(timestamp)) {
    throw new Error(`${name}: timestamp is ${timestamp}`);
  }
  children.forEach(checkElement);
}
