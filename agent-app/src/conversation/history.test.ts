import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { History } from './history.ts'
import { HistoryStore } from './history-store.ts'

const whole = (answer: string) => ({ answer, expert: 'e', cut: false })
const contents = (history: History, id: string, budget = 1_000) =>
  history.messagesFor(id, budget).map(({ content }) => content)

describe('history', () => {
  it('keeps a late answer with its own turn', () => {
    const history = new History()
    const one = history.addUser('one')
    const two = history.addUser('two')
    history.addAnswer(one, { answer: 'cut', expert: 'e', cut: true })
    assert.deepEqual(contents(history, two), ['one', 'cut', 'two'])
    assert.deepEqual(contents(history, one), ['one'])
  })

  it('leaves out the oldest exchanges over the budget, never the turn itself', () => {
    const history = new History()
    history.addAnswer(history.addUser('a'.repeat(50)), whole('b'.repeat(50)))
    history.addAnswer(history.addUser('c'), whole('d'))
    const last = history.addUser('e'.repeat(60))
    assert.deepEqual(contents(history, last, 100), ['c', 'd', 'e'.repeat(60)])
    assert.deepEqual(contents(history, last, 10), ['e'.repeat(60)])
  })

  it('marks a turn as cut that was open when the process ended', () => {
    const history = new History()
    history.addUser('one')
    const again = new History(history.toFile().exchanges)
    assert.deepEqual(
      again.exchanges.map(({ answer, cut }) => ({ answer, cut })),
      [{ answer: '', cut: true }],
    )
    assert.deepEqual(contents(again, again.addUser('two')), ['one', 'two'])
  })

  it('keeps 200 exchanges', () => {
    const history = new History()
    for (let index = 0; index < 201; index += 1) history.addUser(`${index}`)
    assert.equal(history.exchanges.length, 200)
    assert.equal(history.exchanges[0]?.user, '1')
  })
})

describe('history store', () => {
  const open = async () => {
    const folder = path.join(await mkdtemp(path.join(tmpdir(), 'muster-')), 'conversations')
    return { folder, store: new HistoryStore(folder, pino({ level: 'silent' })) }
  }

  it('ends with the newest of many writes', async () => {
    const { store } = await open()
    const history = new History()
    const writes = Array.from({ length: 20 }, (_, index) => {
      history.addUser(`${index}`)
      return store.write('x', { version: 1, exchanges: [...history.exchanges] })
    })
    await Promise.all(writes)
    assert.equal((await store.read('x')).length, 20)
    assert.deepEqual(await store.ids(), ['x'])
  })

  it('moves a damaged file aside and starts anew', async () => {
    const { store, folder } = await open()
    await store.write('x', { version: 1, exchanges: [] })
    await writeFile(path.join(folder, 'x.json'), '{"version":1,"exch')
    assert.deepEqual(await store.read('x'), [])
    const [aside] = (await readdir(folder)).filter((name) => name.includes('damaged'))
    assert.match(await readFile(path.join(folder, aside!), 'utf8'), /exch$/)
  })

  it('says store-failed when the disk refuses', async () => {
    const { store, folder } = await open()
    await writeFile(folder, 'a file where the folder should be')
    await assert.rejects(store.write('x', { version: 1, exchanges: [] }), { code: 'store-failed' })
  })
})
