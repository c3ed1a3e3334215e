// graphile-worker: node graphile.js prepare CONTACTS | run SECONDS
import { Logger, run, runMigrations } from "graphile-worker";
import { connect, connectionString, dispatch, measure } from "./work.js";

const BATCH = 10_000;
const [verb, amount] = process.argv.slice(2);
const logger = new Logger(() => () => {});

if (verb === "prepare") {
  await runMigrations({ connectionString, logger });
  const pool = connect(1);
  for (let first = 1; first <= Number(amount); first += BATCH) {
    await pool.query(
      "SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(SELECT ROW('dispatch', json_build_object('contact_id', i), NULL, " +
        "NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec FROM generate_series($1::int, $2::int) i))",
      [first, Math.min(first + BATCH - 1, Number(amount))],
    );
  }
  await pool.query("VACUUM ANALYZE graphile_worker._private_jobs");
  process.exit(0);
} else {
  const pool = connect(24);
  let done = 0;
  const runner = await run({
    pgPool: pool,
    logger,
    noHandleSignals: true,
    // The settings that its documentation names for throughput.
    preset: {
      worker: { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
    taskList: {
      async dispatch({ contact_id }) {
        await dispatch(pool, contact_id);
        ++done;
      },
    },
  });
  await measure(Number(amount), () => done);
  await runner.stop().catch(() => {});
  process.exit(0);
}
