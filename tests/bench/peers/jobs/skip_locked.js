// A query with SKIP LOCKED over the contacts themselves, one at a time: node skip_locked.js prepare CONTACTS | run SECONDS
import { connect, dispatchNext, measure } from "./work.js";

const WORKERS = 24;
const [verb, amount] = process.argv.slice(2);

if (verb === "prepare") {
  const pool = connect(1);
  await pool.query("CREATE INDEX ON peer.contacts (contact_id) WHERE state = 1");
  await pool.end();
} else {
  const pool = connect(WORKERS);
  let done = 0;
  for (let i = 0; i < WORKERS; ++i) {
    (async () => {
      while (await dispatchNext(pool)) ++done;
    })();
  }
  await measure(Number(amount), () => done);
  process.exit(0);
}
