import type { Operation } from '@muster/base/openapi.ts'
import { z } from 'zod'
import {
  AcceptRequest,
  AcceptWindow,
  AcceptWindowRequest,
  BootBinaryRequest,
  FactsReport,
  FailureReport,
  GrantOnly,
  ProgressReport,
} from '../../contract/boot.ts'
import { LogPiece } from '../../contract/job.ts'
import { Machine } from '../../contract/machine.ts'
import { BootQuery } from '../boot/boot-query.ts'
import { LogQuery } from './log-query.ts'

const Detail = z.object({ detail: z.unknown() })
const SCRIPT = 'An iPXE script'
/** A wrong, used or expired grant, and a state that does not allow it. */
const GRANT_ANSWERS = { 403: Detail, 409: Detail }
const OPERATOR_ANSWERS = { 200: Machine, 404: Detail, 409: Detail, 422: Detail }
const FILE_ANSWERS = { 200: 'The file', 206: 'A range of it', 404: Detail }

const forMachines: readonly Operation[] = [
  {
    method: 'GET',
    path: '/boot.ipxe',
    summary: 'The first script of every machine: it asks /boot/script who it is.',
    access: 'open',
    answers: { 200: SCRIPT },
  },
  {
    method: 'GET',
    path: '/boot/script',
    summary: 'What this machine boots now: its local disk, unless a person accepted it.',
    access: 'open',
    query: BootQuery,
    answers: { 200: SCRIPT, 400: 'The query is not readable; a script that boots the local disk' },
  },
  {
    method: 'GET',
    path: '/boot/files/*',
    summary: 'Kernels, live system and images.',
    access: 'open',
    answers: FILE_ANSWERS,
  },
  {
    method: 'GET',
    path: '/debian/*',
    summary: 'The packages of the Debian installer.',
    access: 'open',
    answers: FILE_ANSWERS,
  },
  {
    method: 'POST',
    path: '/boot/facts',
    summary: 'The live system tells the hardware and hears what to do.',
    access: 'open',
    body: FactsReport,
    answers: { 200: 'Lines of key=value', 422: Detail, ...GRANT_ANSWERS },
  },
  {
    method: 'POST',
    path: '/boot/progress',
    summary: 'A sign of life; the grant lasts 60 more minutes.',
    access: 'open',
    body: ProgressReport,
    answers: { 204: 'Heard', 422: Detail, ...GRANT_ANSWERS },
  },
  {
    method: 'GET',
    path: '/boot/beacon/:grant/:stage',
    summary: 'The same for the Debian installer.',
    access: 'open',
    answers: { 204: 'Heard', 422: Detail, ...GRANT_ANSWERS },
  },
  {
    method: 'POST',
    path: '/boot/identity',
    summary: 'Name, keys and call-home of the installed system. Once.',
    access: 'open',
    body: GrantOnly,
    answers: { 200: 'application/x-tar', 503: Detail, ...GRANT_ANSWERS },
  },
  {
    method: 'GET',
    path: '/boot/identity/:grant',
    summary: 'The same for the Debian installer. Once.',
    access: 'open',
    answers: { 200: 'application/x-tar', 503: Detail, ...GRANT_ANSWERS },
  },
  {
    method: 'GET',
    path: '/boot/preseed/:grant',
    summary: 'The answers for the Debian installer. Once.',
    access: 'open',
    answers: { 200: 'A preseed file', ...GRANT_ANSWERS },
  },
  {
    method: 'GET',
    path: '/boot/partman/:grant',
    summary: 'The script that names the disk to the Debian installer. Once.',
    access: 'open',
    answers: { 200: 'A shell script', ...GRANT_ANSWERS },
  },
  {
    method: 'GET',
    path: '/boot/late/:grant',
    summary: 'The last script of the Debian installer. Once.',
    access: 'open',
    answers: { 200: 'A shell script', ...GRANT_ANSWERS },
  },
  {
    method: 'POST',
    path: '/boot/installed',
    summary: 'The installation is complete; the grant is consumed.',
    access: 'open',
    body: GrantOnly,
    answers: { 200: 'ok', 422: Detail, ...GRANT_ANSWERS },
  },
  {
    method: 'GET',
    path: '/boot/installed/:grant',
    summary: 'The same for the Debian installer.',
    access: 'open',
    answers: { 200: 'ok', ...GRANT_ANSWERS },
  },
  {
    method: 'POST',
    path: '/boot/failed',
    summary: 'The installation failed: why, and the last lines.',
    access: 'open',
    body: FailureReport,
    answers: { 204: 'Heard', 422: Detail, ...GRANT_ANSWERS },
  },
]

const forOperators: readonly Operation[] = [
  {
    method: 'POST',
    path: '/api/machines/:name/accept',
    summary: 'Lets a machine be installed at its next network boot, or confirms its new hardware.',
    access: 'operate',
    body: AcceptRequest,
    answers: OPERATOR_ANSWERS,
  },
  {
    method: 'POST',
    path: '/api/machines/:name/reinstall',
    summary: 'Lets a machine be erased and installed again; "erase" must be true.',
    access: 'operate',
    body: AcceptRequest,
    answers: OPERATOR_ANSWERS,
  },
  {
    method: 'POST',
    path: '/api/machines/:name/retire',
    summary: 'Ends a machine: it boots its disk and may not call home.',
    access: 'operate',
    answers: OPERATOR_ANSWERS,
  },
  {
    method: 'POST',
    path: '/api/machines/:name/boot-binary',
    summary: 'Chooses the first program that a machine loads from the network.',
    access: 'operate',
    body: BootBinaryRequest,
    answers: OPERATOR_ANSWERS,
  },
  {
    method: 'GET',
    path: '/api/machines/:name/boot-log',
    summary: 'What the machine said while it was installed, from a byte offset.',
    access: 'read',
    query: LogQuery,
    answers: { 200: LogPiece, 404: Detail, 422: Detail },
  },
  {
    method: 'GET',
    path: '/api/accept-window',
    summary: 'The time in which listed machines are accepted when they are seen.',
    access: 'read',
    answers: { 200: AcceptWindow },
  },
  {
    method: 'POST',
    path: '/api/accept-window',
    summary: 'Opens it, or closes it with 0 minutes.',
    access: 'operate',
    body: AcceptWindowRequest,
    answers: { 200: AcceptWindow, 409: Detail, 422: Detail },
  },
]

/** The routes of network boot. */
export const bootOperations: readonly Operation[] = [...forMachines, ...forOperators]
