// The log-in flow against a stack with the sandbox: node log-in.ts API_URL API_KEY SANDBOX_URL PHONE...
// tests/e2e/test_clients.py runs it. One line of output for each thing that came of it.
import { Ringpass, stateOf } from "@ringpass/client";

const [baseUrl = "", apiKey = "", sandbox = "", phone = "", other = ""] = process.argv.slice(2);
const ringpass = new Ringpass({ baseUrl, apiKey });

async function codeAt(number: string): Promise<string> {
  const url = `${sandbox}/_sandbox/code?phone=${encodeURIComponent(number)}`;
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(url);
    if (response.ok) return ((await response.json()) as { code: string }).code;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the phone got no code");
}

const wrong = (code: string) => (code === "0000" ? "1111" : "0000").padEnd(code.length, "0");
const say = (value: unknown) => console.log(JSON.stringify(value));

const verification = await ringpass.startVerification({ phone });
const code = await codeAt(phone);
say(stateOf(verification));
say(await ringpass.checkCode(verification.id, wrong(code)));
say(await ringpass.checkCode(verification.id, code));
say(await ringpass.checkCode(verification.id, code));
say(stateOf(await ringpass.readVerification(verification.id)));

const first = await ringpass.startVerification({ phone: other });
const second = await ringpass.startVerification({ phone: other });
const replaced = await ringpass.checkCode(first.id, "0000");
say([replaced, replaced.kind === "replaced" && replaced.replacedBy === second.id]);
say((await ringpass.takeNextStep(second.id)).step);
say(stateOf(await ringpass.cancelVerification(second.id)));
say(await ringpass.checkCode(second.id, "0000"));
