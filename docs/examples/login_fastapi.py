"""Log-in by phone, for FastAPI. Ringpass sends the code and checks it; the session is yours."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse
from ringpass_client import ApiError, Approved, AsyncRingpass, StartVerification, WrongCode

ringpass = AsyncRingpass(os.environ["RINGPASS_URL"], os.environ["RINGPASS_KEY"])


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with ringpass:
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(ApiError)
async def refused(_: Request, error: ApiError) -> JSONResponse:
    return JSONResponse({"error": error.code}, error.status)


@app.post("/login")
async def start(phone: str = Body(embed=True)) -> dict[str, str]:
    verification = await ringpass.start_verification(StartVerification(phone=phone))
    return {"id": verification.id}


@app.post("/login/{verification_id}/code")
async def check(verification_id: str, code: str = Body(embed=True)) -> dict[str, object]:
    match await ringpass.check_code(verification_id, code):
        case Approved():
            return {"end": "approved"}  # Answered once: make your session here.
        case WrongCode(attempts_remaining=left):
            return {"end": "wrong_code", "attempts_remaining": left}
        case end:
            return {"end": type(end).__name__}


@app.post("/login/{verification_id}/next")
async def call_me(verification_id: str) -> dict[str, str]:
    verification = await ringpass.take_next_step(verification_id)
    return {"channel": str(verification.channel)}
