import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';

/** What a run of a unit changes while it goes on: their states are unions, and a field has a value in every state in which it stands. */
const FILES = [
  'src/run/unit/device-run.ts',
  'src/run/unit/device-run-state.ts',
  'src/run/unit/held-unit.ts',
  'src/microcode/pass-counts.ts',
  'src/microcode/ses/pass.ts',
  'src/microcode/write-buffer/download.ts',
];
/** Read once, and never changed: what one is told may leave something out. */
const TOLD = /(Options|Answers|Deferral)$/;

const test = suite('states');

/** `State.image`, `#hold`: fields of classes, interfaces and unions that may hold nothing. */
function nullableFields(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(inProject(file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: string[] = [];
  const holdsNothing = (type: ts.TypeNode | undefined): boolean =>
    type !== undefined &&
    ts.isUnionTypeNode(type) &&
    type.types.some((one) => /^(null|undefined)$/.test(one.getText(source)));
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) && TOLD.test(node.name.text)) return;
    const isField =
      ts.isPropertyDeclaration(node) ||
      ts.isPropertySignature(node) ||
      ts.isParameterPropertyDeclaration(node, node.parent);
    if (isField && (node.questionToken !== undefined || holdsNothing(node.type)))
      found.push(`${file}: ${node.name.getText(source)}`);
    // What a method takes and gives back is not a state.
    if (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isAccessor(node)) return;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('the objects that run a unit have no field that may hold nothing', () => {
  assert.equal(FILES.flatMap(nullableFields), []);
});

test.run();
