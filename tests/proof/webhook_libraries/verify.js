// Reads requests as JSON, one a line, and says for each which library verifies it.
import { createInterface } from "node:readline";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";

const LIBRARIES = { standardwebhooks: StandardWebhook, svix: SvixWebhook };

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  const verified = Object.entries(LIBRARIES).filter(([, Webhook]) => {
    try {
      const event = new Webhook(secret).verify(body, headers);
      return JSON.stringify(event) === JSON.stringify(JSON.parse(body));
    } catch {
      return false;
    }
  });
  console.log(JSON.stringify(verified.map(([name]) => name)));
}
