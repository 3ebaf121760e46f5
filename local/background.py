"""The stack that `make up` leaves running, and `make down` ends.

Its port, keys and data outlive it: `kept.json` and `state/` in its folder, until `make reset`.

`make up` does what is missing, and no more: it starts servers that do not run, or whose own code
has changed, and deploys the template if that has changed. Edits of functions and of our layer need
no command (`local.live_code`).
"""

import dataclasses
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.build import build
from local.cloud_state import END_SIGNAL, move, moved
from local.deploy import Deployed, describe
from local.environment import for_ours, reach_loopback_directly
from local.failures import LocalStackError
from local.kept import CLOUD, SANDBOX, Kept, Running, secrets_of, versions
from local.live_code import faults
from local.logs import save_logs
from local.ministack import STATE_FOLDER, Cloud, start_cloud
from local.paths import ROOT, STACK_FILE, UP, only_for_its_owner
from local.ports import chosen_port, free_port, is_free
from local.processes import GRACE_SECONDS, Server, start_server
from local.progress import Progress
from local.providers import Sandbox, start_sandbox
from local.seeding import put_secrets, put_zalo_tokens
from local.stack import Stack, deploy_stack, furnish, introduce
from local.warmup import put_settings
from local.web import ask

_SAVING_SECONDS = 20.0
_ANSWERS_WITHIN_SECONDS = 60.0
_FIRST_REQUESTS = "first-requests"


class Background:
    """The one stack of a clone that outlives the command that started it."""

    def __init__(self, folder: Path = UP, stack_file: Path = STACK_FILE) -> None:
        self._folder = folder
        self._stack_file = stack_file
        self._servers_file = folder / "servers.json"
        self._kept_file = folder / "kept.json"
        self._state = folder / STATE_FOLDER

    def up(self, progress: Progress) -> Stack:
        """Have a stack run, with the sources as they are now.

        Raises:
            LocalStackError: it does not start, or cannot be deployed.
        """
        reach_loopback_directly()
        with self._alone(progress):
            wanted = versions()
            kept = self._kept()
            running = self._recall()
            if running is not None and not self._may_go_on(running, kept, wanted):
                self._stop(running, progress)
                running = None
            if running is None and not self._is_saved():
                kept = None
            template = None
            if kept is None or kept.template != wanted["template"]:
                template = build(progress)  # Before anything is started: it may fail.
            if running is not None and template is None:
                progress.say("  ok The local stack is up already")
                return Stack.read(self._stack_file)
            if running is None:
                kept = self._moved(kept)
                if kept is None:  # What is there belongs to a stack that was never finished.
                    shutil.rmtree(self._state, ignore_errors=True)
                self._stack_file.unlink(missing_ok=True)
            cloud, sandbox, is_new = self._servers(running, kept, progress)
            servers = (cloud.server, sandbox.server)
            self._remember_servers(Running(servers, wanted))
            try:
                stack = self._bring_up_to_date(
                    kept, template, cloud, sandbox, is_new=is_new, progress=progress
                )
            except BaseException:
                if is_new:
                    self._end(Running(servers, wanted), patience_seconds=_SAVING_SECONDS)
                if kept is None:  # There is nothing to go on with.
                    self._forget(keep_logs=True)
                raise
            self._keep(Kept(stack, wanted["template"]))
            stack.write(self._stack_file)
            first = self._start_first_requests()
            self._remember_servers(Running((*servers, first), wanted))
            return stack

    def down(self, progress: Progress) -> bool:
        """End it, if it runs. Gives whether it did."""
        with self._alone(progress):
            running = self._recall()
            if running is None:
                progress.say("  ok No local stack is up")
                return False
            self._stop(running, progress)
            return True

    def reset(self, progress: Progress) -> None:
        """End it, and forget its data, keys and ports."""
        with self._alone(progress):
            running = self._recall()
            with progress.step("Forgetting the local stack's data, keys and ports"):
                if running is not None:
                    self._end(running, patience_seconds=0)
                self._forget()

    def current(self) -> Stack:
        """How to reach it.

        Raises:
            LocalStackError: it does not run.
        """
        running = self._recall()
        if running is None or not self._is_whole(running):
            raise LocalStackError("no local stack is up: start one with `make up`")
        return Stack.read(self._stack_file)

    def first_requests(self) -> str:
        """What went wrong when all functions were called for the first time, or nothing."""
        log = self._folder / f"{_FIRST_REQUESTS}.log"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return next((line for line in lines if line.startswith("error: ")), "")

    def remember(self, running: Running, stack: Stack) -> None:
        """Write down what runs, for the commands that follow."""
        self._remember_servers(running)
        stack.write(self._stack_file)

    def _may_go_on(self, running: Running, kept: Kept | None, wanted: dict[str, str]) -> bool:
        """Whether the servers run, with their code as it is now, at the port that is asked for."""
        choice = os.environ.get("RINGPASS_PORT", "")
        return (
            kept is not None
            and self._is_whole(running)
            and all(running.versions.get(part) == wanted[part] for part in (CLOUD, SANDBOX))
            and choice in ("", str(kept.port()))
        )

    def _moved(self, kept: Kept | None) -> Kept | None:
        """What is kept, led to other ports where it has to be, and written down at once.

        Were it written only once the stack runs, state and record would have two ports if it fails.

        Raises:
            LocalStackError: the port of the API is taken, or cannot be used.
        """
        choice = os.environ.get("RINGPASS_PORT", "")
        if kept is None:
            return None
        port = chosen_port(choice) if choice else kept.port()
        if not is_free(port):
            raise LocalStackError(
                f"port {port}, which this stack keeps, is taken: stop what uses it, or choose "
                "another with RINGPASS_PORT=... make up"
            )
        # Nobody chooses the sandbox's, and `.local/stack.json` has it.
        sandbox_port = kept.sandbox_port() if is_free(kept.sandbox_port()) else free_port()
        text = json.dumps(dataclasses.asdict(kept.stack))
        for old, new in ((kept.port(), port), (kept.sandbox_port(), sandbox_port)):
            if new != old:
                move(self._state, old, new)
                text = moved(text, old, new)
                kept = Kept(Stack(**json.loads(text)), kept.template)
                self._keep(kept)
        return kept

    def _servers(
        self, running: Running | None, kept: Kept | None, progress: Progress
    ) -> tuple[Cloud, Sandbox, bool]:
        """Local cloud and sandbox, and whether they were started now."""
        if running is not None and kept is not None:
            cloud, sandbox, *_ = running.servers
            log = self._folder / "ministack.log"
            return (
                Cloud(kept.stack.aws_endpoint_url, cloud, log),
                Sandbox(kept.stack.sandbox_url, sandbox),
                False,
            )
        choice = os.environ.get("RINGPASS_PORT", "")
        port = chosen_port(choice) if choice else None if kept is None else kept.port()
        with progress.step("Starting the local cloud and the sandbox"):
            started = start_cloud(self._folder, port=port, is_kept=True)
            try:
                sandbox_port = 0 if kept is None else kept.sandbox_port()
                beside = start_sandbox(self._folder, port=sandbox_port, outlives_us=True)
            except BaseException:
                started.server.stop()
                raise
        return started, beside, True

    def _bring_up_to_date(
        self,
        kept: Kept | None,
        template: Path | None,
        cloud: Cloud,
        sandbox: Sandbox,
        *,
        is_new: bool,
        progress: Progress,
    ) -> Stack:
        deployed = None
        if template is not None:
            with progress.step("Deploying template.yaml"):
                deployed = deploy_stack(template, cloud, sandbox, self._folder)
        with progress.step("Waiting for the first answer"):
            if deployed is None:
                deployed = self._describe(cloud)
            if kept is None or kept.stack.table != deployed.outputs["TableName"]:
                stack = furnish(deployed, sandbox)
                self._expect_health(stack)
                put_settings(stack)
                return stack
            stack = dataclasses.replace(kept.stack, outputs=deployed.outputs)
            if not secrets_of(stack) <= secrets_of(kept.stack):
                put_secrets(deployed, stack.webhook_token())  # The template has a new one.
            if is_new:
                put_zalo_tokens(deployed)
                introduce(stack, sandbox)
            self._expect_health(stack)
        return stack

    def _describe(self, cloud: Cloud) -> Deployed:
        try:
            return describe(cloud.endpoint_url)
        except (BotoCoreError, ClientError) as error:
            raise LocalStackError(
                f"the local cloud does not have what was kept ({error}): begin anew with "
                "`make reset`",
                log=cloud.log,
            ) from error

    def _expect_health(self, stack: Stack) -> None:
        deadline = time.monotonic() + _ANSWERS_WITHIN_SECONDS
        while True:
            try:
                answer = ask("GET", f"{stack.api_url}/v1/health")
                text = f"{answer.status} {answer.text[:300]}"
                if answer.status == HTTPStatus.OK:
                    return
            except OSError as error:
                text = str(error)
            if fault := next(faults(ROOT), ""):
                raise LocalStackError(fault)
            if time.monotonic() > deadline:
                log = self._folder / "functions.log"
                save_logs(stack.aws_endpoint_url, log)
                raise LocalStackError(f"GET /v1/health does not answer 200: {text}", log=log)
            time.sleep(0.2)

    def _start_first_requests(self) -> Server:
        """Have every function called once, while the stack is used already."""
        log = self._folder / f"{_FIRST_REQUESTS}.log"
        log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "local", _FIRST_REQUESTS]
        return start_server(_FIRST_REQUESTS, command, env=for_ours(), log=log, outlives_us=True)

    def _keep(self, kept: Kept) -> None:
        unfinished = self._kept_file.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(dataclasses.asdict(kept)), encoding="utf-8")
        unfinished.replace(self._kept_file)

    def _kept(self) -> Kept | None:
        if not self._kept_file.exists():
            return None
        try:
            document = json.loads(self._kept_file.read_text(encoding="utf-8"))
            return Kept(Stack(**document["stack"]), document["template"])
        except (ValueError, TypeError, KeyError) as error:
            raise LocalStackError(
                "what `make up` has kept is of another version: begin anew with `make reset`"
            ) from error

    def _is_saved(self) -> bool:
        """Whether the local cloud has saved what it holds; the first time after some seconds."""
        return (self._state / "dynamodb.json").exists()

    def _remember_servers(self, running: Running) -> None:
        text = json.dumps(dataclasses.asdict(running))
        self._servers_file.write_text(text, encoding="utf-8")

    def _recall(self) -> Running | None:
        if not self._servers_file.exists():
            return None
        document = json.loads(self._servers_file.read_text(encoding="utf-8"))
        servers = tuple(Server(**one) for one in document["servers"])
        return Running(servers, document.get("versions", {}))

    def _is_whole(self, running: Running) -> bool:
        servers = [one for one in running.servers if one.name != _FIRST_REQUESTS]
        return self._stack_file.exists() and all(one.is_alive() for one in servers)

    def _stop(self, running: Running, progress: Progress) -> None:
        with progress.step("Stopping the local stack; port, keys and data are kept"):
            is_saved = self._end(running, patience_seconds=_SAVING_SECONDS)
        if not is_saved:
            log = self._folder / "ministack.log"
            progress.say(f"  !! What was written last could not be saved (all of it: {log})")

    def _end(self, running: Running, *, patience_seconds: float) -> bool:
        """End the servers. Gives whether the local cloud has saved what it holds."""
        self._stack_file.unlink(missing_ok=True)
        is_saved = True
        for server in reversed(running.servers):
            if server.name == CLOUD and patience_seconds and server.is_alive():
                is_saved = server.ask_to_end(END_SIGNAL, patience_seconds)
            has_time = patience_seconds and server.name != _FIRST_REQUESTS
            server.stop(GRACE_SECONDS if has_time else 0)
        self._servers_file.unlink(missing_ok=True)
        for folder in (self._folder / "tmp").glob("ministack-lambda-*"):
            shutil.rmtree(folder, ignore_errors=True)
        return is_saved

    def _forget(self, *, keep_logs: bool = False) -> None:
        for path in self._folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != "lock" and not (keep_logs and path.suffix == ".log"):
                path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, progress: Progress) -> Iterator[None]:
        """One `make up` or `make down` at a time in this clone."""
        only_for_its_owner(self._folder)  # Secrets and phone numbers are in it.
        with (self._folder / "lock").open("w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with progress.step("Waiting for another `make up` or `make down` in this clone"):
                    fcntl.flock(lock, fcntl.LOCK_EX)
            yield
