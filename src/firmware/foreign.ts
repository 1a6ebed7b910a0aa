import { isTextImage, textOfImage } from './image-text.ts';
import { OTHER_KINDS } from './other-kinds.ts';

/** Something that is recognisably not firmware. */
export interface Foreign {
  /** With its article. */
  readonly what: string;
  /** How to get at the firmware; null: nothing special to do. */
  readonly next: string | null;
}

/**
 * A magic of four bytes or more at its place, in hex. The names are libmagic's, in plain words.
 *
 * @internal for tests
 */
export const MAGICS: readonly (readonly [magic: string, what: string, atBytes?: number])[] = [
  // Programs
  ['7f454c46', 'a program (ELF)'],
  ['feedface', 'a program (Mach-O)'],
  ['feedfacf', 'a program (Mach-O)'],
  ['cefaedfe', 'a program (Mach-O)'],
  ['cffaedfe', 'a program (Mach-O)'],
  ['cafebabe', 'a program (Mach-O or Java)'],
  ['0061736d', 'a program (WebAssembly)'],
  ['6465780a', 'a program (Android)'],
  ['4c00000001140200', 'a shortcut of Windows'],
  ['1b4c7561', 'a program (Lua)'],
  ['4243c0de', 'a program (LLVM)'],
  // Archives and packages
  ['213c617263683e0a', 'an archive (ar, or a Debian package)'],
  ['303730373031', 'a cpio archive'],
  ['303730373032', 'a cpio archive'],
  ['303730373037', 'a cpio archive'],
  ['78617221', 'a xar archive'],
  ...['2d6c6830', '2d6c6831', '2d6c6835', '2d6c6836', '2d6c6837', '2d6c6864', '2d6c7a34', '2d6c7a35'].map(
    (method) => [method, 'an lha archive', 2] as const,
  ),
  ['fd377a585a00', 'packed with xz'],
  ['28b52ffd', 'packed with zstd'],
  ['04224d18', 'packed with lz4'],
  ['4c5a4950', 'packed with lzip'],
  ['894c5a4f000d0a1a0a', 'packed with lzop'],
  ['314159265359', 'packed with bzip2', 4],
  ['4c525a49', 'packed with lrzip'],
  ['535a444488f02733', 'packed with compress of Windows'],
  ['2a2a4143452a2a', 'an ace archive', 7],
  ['49536328', 'an installer (InstallShield)'],
  ['43723234', 'an archive (Chrome extension)'],
  // Disks and file systems
  ['4344303031', 'a CD image (ISO 9660)', 0x8001],
  ['514649fb', 'a disk image (qcow)'],
  ['4b444d56', 'a disk image (VMDK)'],
  ['76686478', 'a disk image (VHDX)'],
  ['636f6e6563746978', 'a disk image (VHD)'],
  ['7f10dabe', 'a disk image (VDI)', 0x40],
  ['4546492050415254', 'a disk image with partitions (GPT)', 512],
  ['68737173', 'a file system (squashfs)'],
  ['73717368', 'a file system (squashfs)'],
  ['453dcd28', 'a file system (cramfs)'],
  ['2d726f6d3166732d', 'a file system (romfs)'],
  ['55424923', 'a file system (UBI)'],
  ['31181006', 'a file system (UBIFS)'],
  ['4d5357494d000000', 'a disk image (WIM)'],
  ['51454400', 'a disk image (QED)'],
  ['58465342', 'a file system (XFS)'],
  ['5f42485266535f4d', 'a file system (btrfs)', 0x10040],
  ['4c554b53babe', 'an encrypted disk (LUKS)'],
  ...['526549734572467300', '5265497345723246', '5265497345723346'].map(
    (version) => [version, 'a file system (ReiserFS)', 0x10034] as const,
  ),
  ['53574150535041434532', 'a swap space', 4086],
  ...['d002f00300090001', 'a005f90300090002', '400bf00900120002', '400bf90500090002'].map(
    (format) => [format, 'a disk image (floppy)', 19] as const,
  ),
  // Documents, pictures, data
  ['25504446', 'a PDF document'],
  ['25215053', 'a PostScript document'],
  ['7b5c727466', 'a document (RTF)'],
  ['d0cf11e0a1b11ae1', 'an office document or installer (OLE2)'],
  ['89504e470d0a1a0a', 'a picture (PNG)'],
  ['ffd8ffe0', 'a picture (JPEG)'],
  ['ffd8ffe1', 'a picture (JPEG)'],
  ['ffd8ffdb', 'a picture (JPEG)'],
  ['ffd8ffe2', 'a picture (JPEG)'],
  ['ffd8ffee', 'a picture (JPEG)'],
  ['67696d702078636620', 'a picture (GIMP)'],
  ['4449434d', 'a picture (DICOM)', 128],
  ['47494638', 'a picture (GIF)'],
  ['49492a00', 'a picture (TIFF)'],
  ['4d4d002a', 'a picture (TIFF)'],
  ['52494646', 'a picture or sound (RIFF)'],
  ['4f676753', 'a sound (Ogg)'],
  ['66747970', 'a film (MPEG-4)', 4],
  ['1a45dfa3', 'a film (Matroska)'],
  ['464c5601', 'a film (Flash)'],
  ['664c6143', 'a sound (FLAC)'],
  ['4d546864', 'a sound (MIDI)'],
  ['2e736e64', 'a sound (AU)'],
  ['53514c69746520666f726d6174203300', 'a database (SQLite)'],
  ['d4c3b2a1', 'a recording of network traffic (pcap)'],
  ['a1b2c3d4', 'a recording of network traffic (pcap)'],
  ['0a0d0d0a', 'a recording of network traffic (pcapng)'],
  ['4d3cb2a1', 'a recording of network traffic (pcap)'],
  ['a1b23c4d', 'a recording of network traffic (pcap)'],
  ['736e6f6f70000000', 'a recording of network traffic (snoop)'],
  ['72656766', 'a registry of Windows'],
  ['456c6646696c6500', 'an event log of Windows'],
  ['62706c697374', 'a property list of Apple'],
  ['44495243', 'a git index'],
  ['feedfeed', 'a key store (Java)'],
  ['894844460d0a1a0a', 'data in HDF5'],
  ['23207632206769742062756e646c65', 'a git bundle'],
  ['23207633206769742062756e646c65', 'a git bundle'],
  ['de120495', 'translated texts (gettext)'],
  ['4f54544f', 'a font'],
  ['774f4646', 'a font'],
  ['774f4632', 'a font'],
];

const UNPACK = 'unpack it by hand (never run it), then name the image in it';

/** What a file certainly is, when it is not firmware. Null: it may be firmware. */
export function foreignOf(bytes: Uint8Array): Foreign | null {
  const magic = MAGICS.find(([hex, , at = 0]) => isAt(bytes, at, hex));
  if (magic !== undefined) {
    const [, what] = magic;
    return foreign(what);
  }
  if (isWindowsProgram(bytes)) return { what: 'a program (Windows)', next: UNPACK };
  if (isAt(bytes, bytes.length - 512, '6b6f6c79')) return { what: 'a disk image (Apple)', next: null };
  const text = isTextImage(bytes) ? foreignText(textOfImage(bytes)) : null;
  if (text !== null) return text;
  const other = OTHER_KINDS.find(([, marks]) => marksOf(marks).some(([at, hex]) => isAt(bytes, at, hex)));
  return other === undefined ? null : foreign(other[0]);
}

const foreign = (what: string): Foreign => ({
  what,
  next: /packed|archive|installer/.test(what) ? UNPACK : null,
});

const marksOf = (marks: string): readonly (readonly [atBytes: number, hex: string])[] =>
  marks
    .trim()
    .split(/\s+/)
    .map((mark) => {
      const [first, second] = mark.split(':');
      return second === undefined ? [0, first!] : [Number(first), second];
    });

function isAt(bytes: Uint8Array, at: number, hex: string): boolean {
  const end = at + hex.length / 2;
  return at >= 0 && bytes.length >= end && Buffer.from(bytes.subarray(at, end)).toString('hex') === hex;
}

/** `MZ` alone is too little; it leads to the header with the longer magic. */
function isWindowsProgram(bytes: Uint8Array): boolean {
  if (!isAt(bytes, 0, '4d5a') || bytes.length < 64) return false;
  return isAt(bytes, Buffer.from(bytes.subarray(60, 64)).readUInt32LE(), '50450000');
}

const HASH_LINE =
  /^(\\?[0-9a-f]{32,128} [ *]\S.*|[0-9a-f]{32,128}|[A-Z0-9-]{2,12} \([^)]*\) = [0-9a-f]{32,128})$/i;

/** Checked in this order: a Git LFS pointer or an error is text, too. */
function foreignText(text: string): Foreign | null {
  const start = text.trimStart();
  if (start.startsWith('version https://git-lfs.github.com/spec/'))
    return { what: 'a Git LFS pointer', next: 'fetch it with git lfs pull' };
  if (
    /^-----BEGIN [A-Z0-9 ]+-----/.test(start) ||
    /^(untrusted comment:|(ssh|ecdsa|sk)-[a-z0-9@.-]+ AAAA)/.test(start)
  )
    return { what: 'a signature, key or certificate', next: 'name the file that it belongs to' };
  if (/^HTTP\/\d/.test(start)) return { what: 'an answer of a web server', next: 'download it again' };
  if (isJson(start))
    return { what: 'JSON text', next: 'download it again: a server answers errors like this' };
  if (/^<(\?xml|[A-Za-z][\w:.-]*[\s/>]|!)/.test(start))
    return { what: 'XML or HTML text', next: 'download it again: a server answers errors like this' };
  const lines = linesOf(start);
  if (lines.length > 0 && lines.every((line) => HASH_LINE.test(line)))
    return { what: 'a list of checksums', next: 'name the file that it belongs to' };
  const own = OWN_FILES.find(([line]) => lines.some((text) => line.test(text)));
  return own === undefined ? null : { what: own[1], next: 'give the image, not the file that names it' };
}

/** What a person has beside the image. Plans, reports and records are JSON. */
const OWN_FILES: readonly (readonly [line: RegExp, what: string])[] = [
  [/^["']?runbook["']?\s*:\s*["']?v\d/, 'a playbook'],
  [/^["']?lab["']?\s*:\s*["']?v\d/, 'a lab file'],
];

const linesOf = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#'));

function isJson(start: string): boolean {
  if (!/^[[{]/.test(start)) return false;
  // Of a long or cut one the beginning is enough.
  if (/^\{\s{0,99}"/.test(start)) return true;
  try {
    JSON.parse(start);
    return true;
  } catch {
    return false;
  }
}

/** Fewer bytes hold no firmware of a device that is known. */
const FEWEST_BYTES = 4096;

/** Magics of two or three bytes, and of small numbers: firmware may begin so by chance. */
const WEAK: readonly (readonly [magic: string, what: string, atBytes?: number])[] = [
  ['4d5a', 'a program of DOS or Windows'],
  ['1f8b08', 'data packed with gzip'],
  ['1f9d', 'data packed with compress'],
  ['5d0000', 'data packed with lzma'],
  ['60ea', 'an arj archive'],
  ['424d', 'a picture (BMP)'],
  ['494433', 'a sound (MP3)'],
  ['8519', 'a file system (JFFS2)'],
  ['1985', 'a file system (JFFS2)'],
  ['3082', 'a certificate, key or signature (DER)'],
  ['0d0d0a', 'a program (Python)', 1],
  ['0d0a', 'a program (Python)', 2],
  ['07016400', 'a program (Linux a.out)'],
  ['08016400', 'a program (Linux a.out)'],
  ['0b016400', 'a program (Linux a.out)'],
  ['53ef', 'a file system (ext4)', 1080],
  ['55aa', 'a disk image with partitions (MBR)', 510],
];

/** What makes a person look again, though real firmware may look so: in words that follow "it". Null: nothing. */
export function doubtOf(bytes: Uint8Array): string | null {
  if (bytes.every((byte) => byte === bytes[0]))
    return `has ${bytes.length} bytes that are all ${hexOf(bytes[0]!)}`;
  const weak = WEAK.find(([magic, , at = 0]) => isAt(bytes, at, magic));
  if (weak !== undefined) return `begins like ${weak[1]}`;
  if (isTextImage(bytes)) {
    const lines = linesOf(textOfImage(bytes));
    if (lines.every((line) => /^:[0-9A-F]{10,600}$/i.test(line)))
      return 'is text (Intel HEX); most devices take binary data: objcopy -I ihex -O binary converts it';
    if (lines.every((line) => /^S[0-9][0-9A-F]{6,600}$/i.test(line)))
      return 'is text (Motorola S-records); most devices take binary data: objcopy -I srec -O binary converts it';
    return 'is text';
  }
  if (bytes.length < FEWEST_BYTES) return `has only ${bytes.length} bytes`;
  return null;
}

const hexOf = (byte: number): string => `${byte.toString(16).toUpperCase().padStart(2, '0')}h`;
