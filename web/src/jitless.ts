import { z } from 'zod'

// The page's CSP forbids eval, and zod would probe for it when a schema is made:
// this module must be imported before any contract.
z.config({ jitless: true })
