import { defineConfig } from 'drizzle-kit'

// `MAILTIGHT_SCHEMA=control|keys|mail npm run db:generate` writes that database's next migration from its schema.
const schema = process.env.MAILTIGHT_SCHEMA ?? 'control'

export default defineConfig({
  dialect: 'postgresql',
  schema: `./db/${schema}/schema/*.ts`,
  out: `./db/${schema}/migrations`,
})
