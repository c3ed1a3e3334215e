// BullMQ: node bullmq.js prepare CONTACTS | run SECONDS. Redis has its jobs, and is on the disk when it answers.
import { Queue, Worker } from "bullmq";
import { connect, dispatch, measure } from "./work.js";

const BATCH = 2_000;
const [verb, amount] = process.argv.slice(2);
const [host, port] = process.env.REDIS.split(":");
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const options = { removeOnComplete: true };

if (verb === "prepare") {
  const queue = new Queue("contacts", { connection });
  for (let first = 1; first <= Number(amount); first += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, Number(amount) - first + 1) }, (_, i) => first + i);
    await queue.addBulk(ids.map((id) => ({ name: "dispatch", data: { contact_id: id }, opts: options })));
  }
  await queue.close();
} else {
  const pool = connect(24);
  let done = 0;
  const worker = new Worker(
    "contacts",
    async (job) => {
      await dispatch(pool, job.data.contact_id);
    },
    { connection, concurrency: 100 },
  );
  worker.on("completed", () => ++done);
  worker.on("error", (error) => console.error(error.message));
  await measure(Number(amount), () => done);
  process.exit(0);
}
