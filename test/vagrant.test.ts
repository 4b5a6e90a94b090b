import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { execa } from 'execa'
import { ROOT } from './repository/imports.ts'

const vagrant = (await execa('vagrant', ['--version'], { reject: false })).exitCode === 0

for (const [what, flags] of [
  ['with the options of its providers', []],
  ['where no provider is', ['--ignore-provider']],
] as const)
  test(`the Vagrantfile is valid, ${what}`, {
    skip: vagrant ? false : 'vagrant is not on this machine',
  }, async (context) => {
    const home = await mkdtemp(path.join(tmpdir(), 'muster-vagrant-'))
    context.after(() => rm(home, { recursive: true, force: true }))
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      VAGRANT_HOME: path.join(home, 'vagrant'),
      VAGRANT_DOTFILE_PATH: path.join(home, 'dotfiles'),
      VAGRANT_CHECKPOINT_DISABLE: '1',
      VAGRANT_DEFAULT_PROVIDER: 'libvirt',
    }
    const run = await execa('vagrant', ['validate', ...flags], {
      cwd: ROOT,
      env,
      extendEnv: false,
      reject: false,
    })
    assert.equal(run.exitCode, 0, `${run.stdout}\n${run.stderr}`)
    assert.match(run.stdout, /validated successfully/)
  })
