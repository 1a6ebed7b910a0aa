import type { InitOptions } from '../commands/init.ts';
import type { CommandGroup } from './context.ts';
import { DEVICE_NAMES } from './options.ts';

/** What writes playbooks, and what a reviewer asks of them and of their packages. */
export const addAuthoringCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('Playbooks and packages:');
  program
    .command('lint')
    .argument('<playbook...>', 'playbook files')
    .description('warn about valid but risky choices in playbooks')
    .option('--strict', 'exit with 3 if there are warnings')
    .option('--without-image', 'check the playbook only; do not read the image')
    .action(async (files: string[], own: { strict?: boolean; withoutImage?: boolean }) => {
      const { lint } = await import('../commands/lint.ts');
      const { strict = false, withoutImage = false } = own;
      give(await lint(files, { ...common(), strict, withoutImage }, io));
    });

  program
    .command('pin')
    .argument('<playbook...>', 'playbook files')
    .description('write the SHA-256 of the images into playbooks; change nothing else')
    .option('--check', 'change nothing; exit with 3 if a hash is missing or wrong')
    .action(async (files: string[], own: { check?: boolean }) => {
      const { pin } = await import('../commands/pin.ts');
      give(await pin(files, { ...common(), check: own.check ?? false }, io));
    });

  program
    .command('init')
    .description('write a playbook for a device from what it reports; the device is not changed')
    .requiredOption('--device <device>', DEVICE_NAMES)
    .requiredOption('--firmware <file>', 'the image, or a package that contains it')
    .requiredOption('--revision <revision>', 'the revision that the device reports with this firmware')
    .option('--member <path>', 'path of the image inside the package')
    .option('--strip <header>', 'remove a header: its size in bytes, dell-df or seagate-lod')
    .option('--verbatim', 'take the file as it is, even if it looks like something else than firmware')
    .option('--out <file>', 'write to this new file (default: print the playbook)')
    .action(async (own: Pick<InitOptions, 'device' | 'firmware' | 'revision'> & Partial<InitOptions>) => {
      const { init } = await import('../commands/init.ts');
      const { member = null, strip = null, out = null, verbatim = false } = own;
      give(await init({ ...common(), ...own, member, strip, verbatim, out }, io));
    });

  program
    .command('image')
    .argument('<file>', 'image or package: .scexe, tar, tar.gz, zip, rpm')
    .description('list the contents of a package, or describe an image; never executes a package')
    .option('--member <name>', 'path of a file inside the package; separate nested packages with !')
    .option('--strip <header>', 'remove a header: its size in bytes, dell-df or seagate-lod')
    .option('--verbatim', 'take the file as it is, even if it looks like something else than firmware')
    .option('--out <file>', 'write the image to a new file')
    .action(
      async (file: string, own: { member?: string; strip?: string; out?: string; verbatim?: boolean }) => {
        const { image } = await import('../commands/image.ts');
        give(await image(file, { ...common(), ...own }, io));
      },
    );
};
