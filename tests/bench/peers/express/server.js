// The peer of webhook-ingest: checks a webhook with Twilio's own middleware, puts it into a BullMQ queue in Redis, and
// answers when Redis has it. One process for each worker, sharing the port, as process managers run it.
//
//   PORT, REDIS_PORT, PUBLIC_HOST, WORKERS, TWILIO_AUTH_TOKEN
import cluster from 'node:cluster';
import { Queue } from 'bullmq';
import express from 'express';
import twilio from 'twilio';

const { PORT, REDIS_PORT, PUBLIC_HOST, WORKERS, TWILIO_AUTH_TOKEN } = process.env;

function serve() {
  const queue = new Queue('webhooks', { connection: { host: '127.0.0.1', port: Number(REDIS_PORT) } });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => response.sendStatus(200));
  app.post(
    '/telephony/webhook/twilio/:event',
    express.urlencoded({ extended: false }),
    // Behind a proxy one tells the middleware which host was signed.
    twilio.webhook({ validate: true, protocol: 'http', host: PUBLIC_HOST }, TWILIO_AUTH_TOKEN),
    async (request, response) => {
      await queue.add(request.params.event, { account: request.query.account, form: request.body });
      response.type('text/xml').send('<?xml version="1.0" encoding="UTF-8"?><Response/>');
    },
  );
  const server = app.listen(Number(PORT), '127.0.0.1');
  // The load generator waits between turns longer than the default of 5 s.
  server.keepAliveTimeout = 120_000;
}

if (cluster.isPrimary && Number(WORKERS) > 1) {
  for (let worker = 0; worker < Number(WORKERS); ++worker) cluster.fork();
} else {
  serve();
}
