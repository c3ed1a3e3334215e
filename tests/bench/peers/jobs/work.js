// What is done for one contact, the same for every peer: its attempt is committed before anybody would be called, and
// its outcome after that.
import { readFileSync } from "node:fs";
import pg from "pg";

const sql = (name) => ({ name, text: readFileSync(new URL(`./${name}.sql`, import.meta.url), "utf8") });
const DISPATCH = sql("dispatch");
const DISPATCH_NEXT = sql("dispatch_next");
const OUTCOME = sql("outcome");

export const connectionString = process.env.DATABASE_URL;
export const connect = (connections) => new pg.Pool({ connectionString, max: connections });

async function finish(client, attempts) {
  if (attempts.rowCount !== 1) return false;
  await client.query({ ...OUTCOME, values: [attempts.rows[0].attempt_id] });
  return true;
}

export async function dispatch(client, contactId) {
  if (!(await finish(client, await client.query({ ...DISPATCH, values: [contactId] })))) {
    throw new Error(`contact ${contactId} may not be called`);
  }
}

// False when nobody is left.
export const dispatchNext = async (client) => finish(client, await client.query(DISPATCH_NEXT));

// For so many seconds, and prints one line of JSON.
export async function measure(seconds, done) {
  const began = process.hrtime.bigint();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const took = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(JSON.stringify({ decisions: done(), seconds: took }));
}
