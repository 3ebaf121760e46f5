// Log-in by phone, for Express. Ringpass sends the code and checks it; the session is yours.
import express, { type Response } from "express";
import { ApiError, Ringpass } from "@ringpass/client";

const { RINGPASS_URL = "", RINGPASS_KEY = "", PORT = "3000" } = process.env;
const ringpass = new Ringpass({ baseUrl: RINGPASS_URL, apiKey: RINGPASS_KEY });
const app = express().use(express.json());

async function answer(response: Response, work: () => Promise<object>): Promise<void> {
  try {
    response.json(await work());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    response.status(error.status).json({ error: error.code });
  }
}

app.post("/login", (request, response) =>
  answer(response, async () => {
    const verification = await ringpass.startVerification({ phone: request.body.phone });
    return { id: verification.id };
  }),
);

app.post("/login/:id/code", (request, response) =>
  answer(response, async () => {
    const result = await ringpass.checkCode(request.params.id, request.body.code);
    if (result.kind === "approved") return { end: "approved" }; // Answered once: make your session here.
    if (result.kind === "wrong_code") return { end: "wrong_code", attempts_remaining: result.attemptsRemaining };
    return { end: result.kind };
  }),
);

app.post("/login/:id/next", (request, response) =>
  answer(response, async () => {
    const verification = await ringpass.takeNextStep(request.params.id);
    return { channel: verification.channel };
  }),
);

app.listen(Number(PORT), "127.0.0.1");
