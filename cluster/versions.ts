/**
 * The releases Muster runs, pinned. A vendor's archive is used only when its SHA-256 is this one;
 * without it the same version is built from its Go module (`binaries/<name>/go.mod`, `go.sum`).
 */
export const releases = {
  consul: {
    version: '1.21.0',
    url: 'https://releases.hashicorp.com/consul/1.21.0/consul_1.21.0_linux_amd64.zip',
    sha256: 'e916e30904eedfa7ee2e2a378b5e8a9a374f2f351e645aa4c0a03adc15dabaec',
    module: 'github.com/hashicorp/consul',
    buildFlags: [] as readonly string[],
  },
  nomad: {
    version: '1.11.3',
    url: 'https://releases.hashicorp.com/nomad/1.11.3/nomad_1.11.3_linux_amd64.zip',
    sha256: '19dac5642a2ba5305e6ff8efee06a708d760ebe4d1cd7936bc3dc526f477dc12',
    module: 'github.com/hashicorp/nomad',
    // Without this tag the build offers the mock task driver.
    buildFlags: ['-tags', 'release'] as readonly string[],
  },
} as const

export type ReleaseName = keyof typeof releases
