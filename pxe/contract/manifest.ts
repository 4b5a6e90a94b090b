import { z } from 'zod'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** A file below `<state>/boot/www`, as machines fetch it from `/boot/files/<file>`. */
const BootFile = z.object({
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+~/-]{0,199}$/),
  /** Of the file as it is sent. */
  sha256: Sha256,
  /** Bytes as it is sent. */
  bytes: z.int().positive(),
})
export type BootFile = z.infer<typeof BootFile>

/** What network boot serves: `<state>/boot/manifest.json`. A part that is null was not built. */
export const BootManifest = z.object({
  /** iPXE binaries by name (`undionly.kpxe`, `snponly.efi`, ...). */
  ipxe: z.record(z.string(), BootFile),
  live: z.object({ kernel: BootFile, initrd: BootFile }).nullable(),
  /** The disk image, compressed with zstd. `size` = bytes on the disk. */
  image: BootFile.extend({ size: z.int().positive() }).nullable(),
  /** The Debian installer and the suite of packages below `<state>/boot/debian`. */
  installer: z
    .object({ kernel: BootFile, initrd: BootFile, suite: z.string(), suiteKey: BootFile })
    .nullable(),
})
export type BootManifest = z.infer<typeof BootManifest>

export const emptyManifest: BootManifest = { ipxe: {}, live: null, image: null, installer: null }
