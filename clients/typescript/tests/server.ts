// What tests share: examples of the API's description, and a server that is a function.
import { readFileSync } from "node:fs";
import { Ringpass, type Fetch, type Verification } from "@ringpass/client";

interface Document {
  components: { schemas: Record<string, { examples?: unknown[]; enum?: string[] }> };
}
const path = new URL("../../../docs/openapi.json", import.meta.url);
const { schemas } = (JSON.parse(readFileSync(path, "utf8")) as Document).components;

export function example<T>(name: string): T {
  return structuredClone(schemas[name]?.examples?.[0]) as T;
}
export const words = (name: string): string[] => schemas[name]?.enum ?? [];
export const verification = example<Verification>("Verification");

/** Answers with the one after the other, and keeps the requests; an error is thrown. */
export function serve(...answers: (Response | Error)[]) {
  const requests: Request[] = [];
  const fetch: Fetch = async (request) => {
    requests.push(request);
    const answer = answers[requests.length - 1];
    if (answer === undefined) throw new RangeError("one request too many");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const ringpass = new Ringpass({ baseUrl: "https://stack.example/", apiKey: "rp_key", fetch });
  const keys = () => requests.map((request) => request.headers.get("idempotency-key"));
  return { ringpass, requests, keys };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers });
}

/** A refusal after which one may try again at once. */
export function problem(status: number, code: string, more: object = {}): Response {
  return json(status, { status, code, detail: "No.", ...more }, { "Retry-After": "0" });
}
