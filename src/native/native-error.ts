import { RunbookError } from '../base/errors.ts';

/** This machine lacks what a command needs that talks to devices. */
export class NativeError extends RunbookError<'no-native-part' | 'proc-not-mounted'> {}
