/** A fitting value of each question that the installer could stop at, or answer to our harm. */
const EXPECTED: Record<string, RegExp> = {
  // language, keyboard, clock
  'd-i debian-installer/locale string': /^C\.UTF-8$/,
  'd-i debian-installer/language string': /^en$/,
  'd-i debian-installer/country string': /^[A-Z]{2}$/,
  'd-i keyboard-configuration/xkb-keymap select': /^us$/,
  'd-i clock-setup/utc boolean': /^true$/,
  'd-i clock-setup/ntp boolean': /^false$/,
  'd-i time/zone string': /^Etc\/UTC$/,
  // network and hardware
  'd-i netcfg/choose_interface select': /^auto$/,
  'd-i netcfg/get_hostname string': /^[a-z][a-z0-9-]*$/,
  'd-i netcfg/hostname string': /^[a-z][a-z0-9-]*$/,
  'd-i netcfg/get_domain string': /^[a-z0-9.-]+$/,
  'd-i netcfg/wireless_wep string': /^$/,
  'd-i netcfg/link_wait_timeout string': /^\d+$/,
  'd-i netcfg/dhcp_timeout string': /^\d+$/,
  'd-i hw-detect/load_firmware boolean': /^false$/,
  'd-i hw-detect/firmware-lookup string': /^never$/,
  // packages
  'd-i mirror/country string': /^manual$/,
  'd-i mirror/protocol string': /^http$/,
  'd-i mirror/http/hostname string': /^[a-z0-9.-]+(:\d+)?$/,
  'd-i mirror/http/directory string': /^\/[\w/-]*$/,
  'd-i mirror/http/proxy string': /^$/,
  'd-i mirror/suite string': /^[a-z]+$/,
  'd-i debian-installer/allow_unauthenticated boolean': /^false$/,
  'd-i apt-setup/use_mirror boolean': /^true$/,
  'd-i apt-setup/services-select multiselect': /^$/,
  'd-i apt-setup/security_host string': /^$/,
  'd-i apt-setup/cdrom/set-first boolean': /^false$/,
  'd-i apt-setup/disable-cdrom-entries boolean': /^true$/,
  'd-i apt-setup/enable-source-repositories boolean': /^false$/,
  'd-i apt-setup/contrib boolean': /^false$/,
  'd-i apt-setup/non-free boolean': /^false$/,
  'd-i apt-setup/non-free-firmware boolean': /^false$/,
  // accounts
  'd-i passwd/root-login boolean': /^true$/,
  'd-i passwd/root-password-crypted password': /^\*$/,
  'd-i passwd/make-user boolean': /^false$/,
  // disk
  'd-i partman/early_command string':
    /^wget -q -O (\S+) http:\/\/\S+\/boot\/partman\/[0-9a-f]{32} && sh \1 \|\| muster-tell failed "[^"$`\\]*"$/,
  'd-i partman-auto/method string': /^regular$/,
  'd-i partman-auto/expert_recipe string':
    /^muster :: .*method\{ (biosgrub|efi) \}.*mountpoint\{ \/ \} \.$/,
  'd-i partman-auto/choose_recipe select': /^muster$/,
  'd-i partman-basicfilesystems/no_swap boolean': /^false$/,
  'd-i partman-partitioning/choose_label select': /^gpt$/,
  'd-i partman-partitioning/default_label string': /^gpt$/,
  'd-i partman-partitioning/confirm_write_new_label boolean': /^true$/,
  'd-i partman-efi/non_efi_system boolean': /^true$/,
  'd-i partman-lvm/device_remove_lvm boolean': /^true$/,
  'd-i partman-lvm/confirm boolean': /^true$/,
  'd-i partman-lvm/confirm_nooverwrite boolean': /^true$/,
  'd-i partman-md/device_remove_md boolean': /^true$/,
  'd-i partman-md/confirm boolean': /^true$/,
  'd-i partman-md/confirm_nooverwrite boolean': /^true$/,
  'd-i partman-auto-lvm/guided_size string': /^max$/,
  'd-i partman/mount_style select': /^uuid$/,
  'd-i partman/choose_partition select': /^finish$/,
  'd-i partman/confirm boolean': /^true$/,
  'd-i partman/confirm_nooverwrite boolean': /^true$/,
  // system
  'd-i base-installer/install-recommends boolean': /^false$/,
  'd-i base-installer/kernel/image string': /^linux-image-(cloud-)?amd64$/,
  'd-i base-installer/initramfs-tools/driver-policy select': /^(most|dep)$/,
  'd-i base-installer/includes string':
    /^(?=.*\bopenssh-server\b)(?=.*\bpython3-apt\b)[a-z0-9.,+-]+$/,
  'tasksel tasksel/first multiselect': /^$/,
  'd-i pkgsel/run_tasksel boolean': /^false$/,
  'd-i pkgsel/include string': /^$/,
  'd-i pkgsel/upgrade select': /^none$/,
  'd-i pkgsel/update-policy select': /^none$/,
  'd-i pkgsel/updatedb boolean': /^false$/,
  'popularity-contest popularity-contest/participate boolean': /^false$/,
  // boot loader
  'd-i grub-installer/only_debian boolean': /^true$/,
  'd-i grub-installer/with_other_os boolean': /^false$/,
  'd-i grub-installer/bootdev string': /^default$/,
  'd-i grub-installer/timeout string': /^\d+$/,
  'd-i grub-installer/force-efi-extra-removable boolean': /^true$/,
  'd-i grub-installer/update-nvram boolean': /^true$/,
  // end
  'd-i preseed/late_command string':
    /^wget -q -O (\S+) http:\/\/\S+\/boot\/late\/[0-9a-f]{32} && sh \1 \|\| muster-tell failed "[^"$`\\]*"$/,
  'd-i finish-install/keep-consoles boolean': /^true$/,
  'd-i finish-install/reboot_in_progress note': /^$/,
  'd-i cdrom-detect/eject boolean': /^false$/,
}

const LINE =
  /^(\S+)[ \t]+(\S+)[ \t]+(string|boolean|select|multiselect|password|note)(?:[ \t](.*))?$/
const UNRENDERED = /\{\{|\}\}|\{%|%\}|\bundefined\b|\bnull\b|\[object /

/** What is wrong with a preseed: a question without a fitting answer, a fixed disk, a password, a leftover. Empty = nothing. */
export function lintPreseed(text: string): string[] {
  const problems: string[] = []
  const seen = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const found = LINE.exec(line)
    const problem = found ? judge(found, seen) : 'is no line of a preseed'
    if (problem) problems.push(`line ${index + 1} ${problem}`)
  }
  if (UNRENDERED.test(text)) problems.push('a placeholder was not filled in')
  const missing = Object.keys(EXPECTED).filter((question) => !seen.has(question))
  return [...problems, ...missing.map((question) => `${question} is missing`)]
}

function judge([, owner, key, type, value = '']: string[], seen: Set<string>): string | undefined {
  const question = `${owner} ${key} ${type}`
  if (seen.has(question)) return `repeats ${key}`
  seen.add(question)
  if (/\/dev\/\w/.test(value)) return `names a device: ${key}`
  if (/password(-again)?$/.test(key ?? '')) return `has a password in clear text: ${key}`
  const expected = EXPECTED[question]
  if (!expected) return `answers a question that is not in the list: ${question}`
  return expected.test(value) ? undefined : `has no fitting answer: ${key}`
}
