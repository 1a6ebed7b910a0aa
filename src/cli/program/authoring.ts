import type { InitOptions } from '../commands/init.ts';
import type { CommandGroup } from './context.ts';
import { DEVICE_NAMES } from './options.ts';

/** What writes playbooks, and what a reviewer asks of them and of their packages. */
export const addAuthoringCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('Playbooks and packages:');
  program
    .command('lint')
    .argument('<playbook...>', 'playbook files')
    .description('say what is right in playbooks, and still not wise')
    .option('--strict', 'exit with 3 for warnings too')
    .option('--without-image', 'check the words only, do not read the image')
    .action(async (files: string[], own: { strict?: boolean; withoutImage?: boolean }) => {
      const { lint } = await import('../commands/lint.ts');
      const { strict = false, withoutImage = false } = own;
      give(await lint(files, { ...common(), strict, withoutImage }, io));
    });

  program
    .command('pin')
    .argument('<playbook...>', 'playbook files')
    .description('write the hashes of the images into playbooks, and change nothing else')
    .option('--check', 'change nothing; exit with 3 when a hash is not right')
    .action(async (files: string[], own: { check?: boolean }) => {
      const { pin } = await import('../commands/pin.ts');
      give(await pin(files, { ...common(), check: own.check ?? false }, io));
    });

  program
    .command('init')
    .description('write a playbook from what a device says about itself; changes no device')
    .requiredOption('--device <device>', DEVICE_NAMES)
    .requiredOption('--firmware <file>', 'the image, or a package that holds it')
    .requiredOption('--revision <revision>', 'what the device shows with that firmware')
    .option('--member <path>', 'the image inside the package')
    .option('--strip <header>', 'leave out a header: its size, dell-df or seagate-lod')
    .option('--out <file>', 'a new file; without it the playbook is printed')
    .action(async (own: Pick<InitOptions, 'device' | 'firmware' | 'revision'> & Partial<InitOptions>) => {
      const { init } = await import('../commands/init.ts');
      const { member = null, strip = null, out = null } = own;
      give(await init({ ...common(), ...own, member, strip, out }, io));
    });

  program
    .command('image')
    .argument('<file>', 'image or package: .scexe, tar, tar.gz, zip, rpm')
    .description('show what a package holds and what an image is; opens packages, never executes them')
    .option('--member <name>', 'a member of the package; levels are separated by !')
    .option('--strip <header>', 'leave out a header: its size, dell-df or seagate-lod')
    .option('--out <file>', 'write the image to a new file')
    .action(async (file: string, own: { member?: string; strip?: string; out?: string }) => {
      const { image } = await import('../commands/image.ts');
      give(await image(file, { ...common(), ...own }, io));
    });
};
