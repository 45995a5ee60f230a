// What npm oidc-provider keeps, in Postgres: one table, and one named statement for each thing that it asks of a store,
// so that Postgres keeps its plan. kept(folder, url): an adapter; `folder` is where npm installed `pg`.
import { createRequire } from "node:module";

const TABLE = `create table if not exists held (
  kind text, id text, said jsonb not null, grant_id text, uid text, user_code text, ends bigint, used bigint,
  primary key (kind, id));
  create index if not exists held_grant on held (grant_id);
  create index if not exists held_uid on held (uid)`;
const WRITE = `insert into held (kind, id, said, grant_id, uid, user_code, ends) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (kind, id) do update set said = $3, grant_id = $4, uid = $5, user_code = $6, ends = $7`;
const now = () => Math.floor(Date.now() / 1000);

export async function kept(folder, url) {
  const pg = createRequire(`${folder}/`)("pg");
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  await pool.query(TABLE);
  const asked = async (name, text, values) => (await pool.query({ name, text, values })).rows;
  const found = ([row]) => row && { ...row.said, ...(row.used ? { consumed: Number(row.used) } : {}) };
  return class {
    constructor(kind) {
      this.kind = kind;
    }
    async upsert(id, said, seconds) {
      const { grantId = null, uid = null, userCode = null } = said;
      await asked("write", WRITE, [this.kind, id, said, grantId, uid, userCode, seconds ? now() + seconds : null]);
    }
    async find(id) {
      return found(await asked("find", "select said, used from held where kind = $1 and id = $2", [this.kind, id]));
    }
    async findByUid(uid) {
      return found(await asked("by uid", "select said, used from held where kind = $1 and uid = $2", [this.kind, uid]));
    }
    async findByUserCode(code) {
      const text = "select said, used from held where kind = $1 and user_code = $2";
      return found(await asked("by code", text, [this.kind, code]));
    }
    async consume(id) {
      await asked("use", "update held set used = $3 where kind = $1 and id = $2", [this.kind, id, now()]);
    }
    async destroy(id) {
      await asked("end", "delete from held where kind = $1 and id = $2", [this.kind, id]);
    }
    async revokeByGrantId(grant) {
      await asked("end all", "delete from held where kind = $1 and grant_id = $2", [this.kind, grant]);
    }
  };
}
